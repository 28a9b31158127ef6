package io.github.dropfuse.cli.bench;

import io.github.dropfuse.cli.common.Figure;
import io.github.dropfuse.cli.common.PairedTiming;
import io.github.dropfuse.cli.common.PairedTiming.State;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured of some work.
 *
 * @param of by the core's state, of those that were seen
 * @param preempted rounds that were discarded, as something else ran
 * @param changed rounds that were discarded, as the core's state changed
 */
record BenchTimes(Map<State, OfState> of, int preempted, int changed) {
    private static final Figure NONE = Figure.of();

    /**
     * Figures of one state.
     *
     * @param nanos time of a call
     * @param cpuNanos its time on processors
     * @param ratio the time over that of the limit
     */
    record OfState(Figure nanos, Figure cpuNanos, Figure ratio) {}

    static BenchTimes of(PairedTiming timing) {
        Map<State, OfState> of = new EnumMap<>(State.class);
        for (State state : State.values()) {
            Figure ratio = timing.ratio(state);
            if (ratio.samples() > 0) {
                of.put(state, new OfState(timing.nanos(state), timing.cpuNanos(state), ratio));
            }
        }
        return new BenchTimes(of, timing.preempted(), timing.changed());
    }

    /** The state that most samples have. */
    State usualState() {
        return of.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().ratio().samples()))
                .map(Map.Entry::getKey)
                .orElse(State.UNKNOWN);
    }

    OfState usual() {
        return of.getOrDefault(usualState(), new OfState(NONE, NONE, NONE));
    }

    /** The usual state in lower case where nine samples in ten have it, else {@code mixed}. */
    String state() {
        return 10 * usual().ratio().samples() < 9 * kept()
                ? "mixed"
                : usualState().name().toLowerCase(Locale.ROOT);
    }

    /** Rounds that were kept, and that were not. */
    int all() {
        return kept() + preempted + changed;
    }

    private int kept() {
        return of.values().stream().mapToInt(state -> state.ratio().samples()).sum();
    }
}
