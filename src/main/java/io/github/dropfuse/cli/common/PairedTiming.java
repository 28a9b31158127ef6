package io.github.dropfuse.cli.common;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Times some work in turns with its limit, such as plain copies of the same size.
 *
 * <p>A round is a batch of calls of each, in an order that is reversed from round to round. Before,
 * between and after them {@link Core} tells how fast the core is. A round is discarded where the
 * thread was preempted, as its processor time shows, or where the core changed. Figures of a fast
 * and of a slow core are never mixed. It is how {@code native/test/speed} measures.
 */
public final class PairedTiming {
    /** What the core was like. */
    public enum State {
        /** As good as the best that this process has seen. */
        FAST,
        /** Slower: something else was on the same physical core, or its clock was lower. */
        SLOW,
        /** Of a device, whose cores are not looked at. */
        UNKNOWN
    }

    private record Round(State state, double wall, double cpu, double limit) {}

    /** Long enough for the compiler to be done. */
    private static final long WARM_UP_NANOS = 20_000_000;

    private static final int LEAST_ROUNDS = 3;

    private final TimedWork work;
    private final TimedWork limit;
    private final List<Round> kept = new ArrayList<>();
    private int workCalls;
    private int limitCalls;
    private int preempted;
    private int changed;

    /** Times nothing yet. */
    public PairedTiming(TimedWork work, TimedWork limit) {
        this.work = work;
        this.limit = limit;
    }

    /** Takes a round of each in turn until the time is up, and of each a few whatever it takes. */
    public static void inTurns(List<PairedTiming> all, long nanos) {
        long begun = System.nanoTime();
        long warmUp = Math.min(WARM_UP_NANOS, nanos / 4 / all.size());
        for (PairedTiming one : all) {
            one.limitCalls = one.limit.callsOfABatch(warmUp);
            one.workCalls = one.work.callsOfABatch(warmUp);
        }
        for (int i = 0; i < LEAST_ROUNDS || System.nanoTime() - begun < nanos; i++) {
            for (PairedTiming one : all) {
                one.round(i % 2 == 0);
            }
        }
    }

    private void round(boolean limitFirst) {
        double before = Core.nanos();
        TimedWork.Times first = limitFirst ? limit.time(limitCalls) : work.time(workCalls);
        double between = Core.nanos();
        TimedWork.Times second = limitFirst ? work.time(workCalls) : limit.time(limitCalls);
        double after = Core.nanos();
        double least = Math.min(before, Math.min(between, after));
        double most = Math.max(before, Math.max(between, after));
        if (first.preempted() || second.preempted()) {
            preempted++;
        } else if (most > Core.CHANGE * least) {
            changed++;
        } else {
            TimedWork.Times ours = limitFirst ? second : first;
            TimedWork.Times theirs = limitFirst ? first : second;
            kept.add(
                    new Round(
                            Core.isFast((before + between + after) / 3) ? State.FAST : State.SLOW,
                            ours.wall() / workCalls, ours.cpu() / workCalls,
                            theirs.wall() / limitCalls));
        }
    }

    /** Time of a call of the work. */
    public Figure nanos(State state) {
        return figure(state, Round::wall);
    }

    /** Its time on processors; negative where the system does not tell. */
    public Figure cpuNanos(State state) {
        return figure(state, Round::cpu);
    }

    /** Time of a call of the limit. */
    public Figure limitNanos(State state) {
        return figure(state, Round::limit);
    }

    /** The work's time over that of the limit in the same round. */
    public Figure ratio(State state) {
        return figure(state, round -> round.wall() / round.limit());
    }

    /** The state that most of the kept rounds had. */
    public State usual() {
        return nanos(State.FAST).samples() >= nanos(State.SLOW).samples() ? State.FAST : State.SLOW;
    }

    /** Rounds that were discarded as the thread was preempted. */
    public int preempted() {
        return preempted;
    }

    /** Rounds that were discarded as the core became faster or slower. */
    public int changed() {
        return changed;
    }

    private Figure figure(State state, ToDoubleFunction<Round> value) {
        return Figure.of(
                kept.stream()
                        .filter(round -> round.state() == state)
                        .mapToDouble(value)
                        .toArray());
    }
}
