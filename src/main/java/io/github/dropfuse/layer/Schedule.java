package io.github.dropfuse.layer;

/**
 * A drop probability as a function of the training step. Layers are immutable and their stream is
 * in the states that they are given, so a layer whose p follows a schedule stays the same layer of
 * the same stream; with one state, a higher p drops what a lower one drops and more.
 *
 * <pre>{@code
 * Schedule schedule = Schedule.linear(0, 0.2, 10_000);
 * dropout.withP(schedule.p(step)).forward(x, y, generator.next());
 * }</pre>
 *
 * <p>Schedules are values: equal when their parameters are, and written out by {@code toString}.
 */
public sealed interface Schedule {
    /**
     * The probability at a step.
     *
     * @param step how many steps have been taken, at least 0
     * @return 0 to 1
     */
    double p(long step);

    /**
     * Always the same.
     *
     * @param p the probability, 0 to 1
     * @return the schedule
     */
    static Schedule constant(double p) {
        return new Constant(p);
    }

    /**
     * From one probability to another in equal steps, and then the latter.
     *
     * @param from the probability at step 0, 0 to 1
     * @param to the probability from step {@code steps} on, 0 to 1
     * @param steps length of the change, at least 1
     * @return the schedule
     */
    static Schedule linear(double from, double to, long steps) {
        return new Linear(from, to, steps);
    }

    /**
     * {@code initial * factor^floor(step / every)}.
     *
     * @param initial the probability at step 0, 0 to 1
     * @param factor of each change, 0 to 1
     * @param every steps between two changes, at least 1
     * @return the schedule
     */
    static Schedule step(double initial, double factor, long every) {
        return new Step(initial, factor, every);
    }

    /**
     * {@code initial * factor^step}.
     *
     * @param initial the probability at step 0, 0 to 1
     * @param factor of each step, 0 to 1
     * @return the schedule
     */
    static Schedule exponential(double initial, double factor) {
        return new Exponential(initial, factor);
    }

    /**
     * See {@link Schedule#constant}.
     *
     * @param p the probability
     */
    record Constant(double p) implements Schedule {
        /** Checks the probability. */
        public Constant {
            unit("p", p);
        }

        @Override
        public double p(long step) {
            checkStep(step);
            return p;
        }
    }

    /**
     * See {@link Schedule#linear}.
     *
     * @param from the probability at step 0
     * @param to the probability at the end
     * @param steps length of the change
     */
    record Linear(double from, double to, long steps) implements Schedule {
        /** Checks the parameters. */
        public Linear {
            unit("from", from);
            unit("to", to);
            positive("steps", steps);
        }

        @Override
        public double p(long step) {
            checkStep(step);
            if (step >= steps) {
                return to;
            }
            double done = (double) step / steps;
            return from * (1 - done) + to * done;
        }
    }

    /**
     * See {@link Schedule#step}.
     *
     * @param initial the probability at step 0
     * @param factor of each change
     * @param every steps between two changes
     */
    record Step(double initial, double factor, long every) implements Schedule {
        /** Checks the parameters. */
        public Step {
            unit("initial", initial);
            unit("factor", factor);
            positive("every", every);
        }

        @Override
        public double p(long step) {
            checkStep(step);
            return initial * StrictMath.pow(factor, step / every);
        }
    }

    /**
     * See {@link Schedule#exponential}.
     *
     * @param initial the probability at step 0
     * @param factor of each step
     */
    record Exponential(double initial, double factor) implements Schedule {
        /** Checks the parameters. */
        public Exponential {
            unit("initial", initial);
            unit("factor", factor);
        }

        @Override
        public double p(long step) {
            checkStep(step);
            return initial * StrictMath.pow(factor, step);
        }
    }

    private static void checkStep(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step is " + step + ", allowed are 0 to 2^63 - 1");
        }
    }

    private static void unit(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is " + value + ", allowed are 0 to 1");
        }
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", allowed are 1 to 2^63 - 1");
        }
    }
}
