package io.github.dropfuse.bench.endtoend;

/**
 * How often a task is done.
 *
 * @param calls in one sample, so that it is long enough to be timed
 * @param warmUps rounds that are not counted, so that Java's compiler is done
 * @param rounds samples of each contender
 */
record Pace(int calls, int warmUps, int rounds) {
    static final Pace ONCE = new Pace(1, 0, 1);
    static final Pace SMALL_DROPOUT = new Pace(500, 30, 27);
    static final Pace LARGE_DROPOUT = new Pace(1, 10, 27);
    static final Pace DIGITS = new Pace(2, 10, 27);
    static final Pace MLP = new Pace(1, 2, 12);
}
