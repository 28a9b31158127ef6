package io.github.dropfuse.kernel;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import java.util.Arrays;

/** The decisions on elements that follow each other, a bit for each. */
final class ElementBits {
    /** The most elements that {@link #next} gives. */
    static final int MOST = 2048;

    /** Units of more elements than this are kept or dropped whole: what is dropped is not read. */
    private static final int LONG_RUN = 64;

    private final UnitWindow window = new UnitWindow();
    private final int[] words = new int[MOST / Integer.SIZE + 2];
    private boolean sharing;
    private boolean shared;
    private boolean kept;

    private long run;
    private long cycle;
    private long repeat;
    private long step;
    private boolean constant;

    // Where the next element is: its block's first unit, and its place in the block.
    private long base;
    private long round;
    private long unit;
    private long begun;

    /**
     * Sets where decisions come from, and the first element.
     *
     * @param p probability that a unit is dropped
     * @param source what decides
     * @param layout the units
     * @param first the first element
     * @param count how many follow, at least 1
     * @param sharing whether elements that share a decision may be given without bits
     */
    void begin(
            double p, MaskSource source, Layout layout, long first, long count, boolean sharing) {
        this.sharing = sharing;
        long threshold = MaskContract.threshold(p);
        constant = source instanceof PhiloxState && MaskContract.isConstant(threshold);
        if (constant) {
            shared = sharing;
            kept = threshold != 0;
            Arrays.fill(words, kept ? -1 : 0);
            return;
        }
        window.begin(threshold, source);
        run = layout.run();
        cycle = layout.cycle();
        repeat = layout.repeat();
        step = layout.step();
        if (repeat == 1 && step == cycle) {
            cycle = (first + count - 1) / run + 1; // One block holds all.
            step = cycle;
        }
        long period = run * cycle;
        long inBlock = first % (period * repeat);
        base = layout.start() + first / (period * repeat) * step;
        round = inBlock / period;
        unit = inBlock % period / run;
        begun = inBlock % run;
    }

    /** Forgets what decided. */
    void end() {
        window.end();
    }

    /**
     * Decides the next elements.
     *
     * @param wanted at least 1
     * @return how many were decided, at most {@link #MOST}: fewer than that only if they share a
     *     decision, or are all that are wanted
     */
    int next(long wanted) {
        int n = (int) Math.min(wanted, MOST);
        if (constant) {
            return n;
        }
        shared = sharing && run > LONG_RUN;
        if (shared) {
            n = (int) Math.min(n, run - begun);
            kept = decide();
            advance(n);
            return n;
        }
        Arrays.fill(words, 0, n / Integer.SIZE + 2, 0);
        for (int at = 0; at < n; ) {
            at += run == 1 ? elements(at, n - at) : stretch(at, n - at);
        }
        return n;
    }

    /** Whether the decided elements share one decision, so that there are no bits of them. */
    boolean isShared() {
        return shared;
    }

    /** The shared decision. */
    boolean isKept() {
        return kept;
    }

    /** Bit i is the decision on the i-th of the decided elements; others mean nothing. */
    int[] words() {
        return words;
    }

    /** Puts down the decisions on up to n elements that are units, and returns how many. */
    private int elements(int at, int n) {
        long first = base + unit;
        int count = Math.min(n, window.reach(first, base + cycle - 1));
        for (int i = 0; i < count; i += Integer.SIZE) {
            int word = window.word(first + i);
            put(at + i, word & lowBits(count - i));
        }
        move(count);
        return count;
    }

    private void put(int at, int word) {
        int shift = at % Integer.SIZE;
        words[at / Integer.SIZE] |= word << shift;
        if (shift != 0) {
            words[at / Integer.SIZE + 1] |= word >>> -shift;
        }
    }

    private static int lowBits(int n) {
        return n < Integer.SIZE ? (1 << n) - 1 : -1;
    }

    /** Puts down the decision on up to n elements that share a unit, and returns how many. */
    private int stretch(int at, int n) {
        int count = (int) Math.min(n, run - begun);
        if (decide()) {
            for (int i = 0; i < count; i += Integer.SIZE) {
                put(at + i, lowBits(count - i));
            }
        }
        advance(count);
        return count;
    }

    private boolean decide() {
        window.reach(base + unit, base + cycle - 1);
        return (window.word(base + unit) & 1) != 0;
    }

    private void advance(int elements) {
        begun += elements;
        if (begun == run) {
            begun = 0;
            move(1);
        }
    }

    private void move(long units) {
        unit += units;
        if (unit == cycle) {
            unit = 0;
            if (++round == repeat) {
                round = 0;
                base += step;
            }
        }
    }
}
