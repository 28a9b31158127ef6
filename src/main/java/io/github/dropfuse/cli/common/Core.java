package io.github.dropfuse.cli.common;

/**
 * How fast the core is that this thread is on, by a short loop of known work in registers. A
 * neighbour on the same physical core, which no clock of the system shows, makes it slow.
 */
public final class Core {
    /** By this factor a core has changed. */
    public static final double CHANGE = 1.15;

    private static final int ROUNDS = 5500;
    private static final int TRIES = 3;
    private static final long WARM_UP_NANOS = 100_000_000;

    private static volatile double best = Double.MAX_VALUE;
    private static volatile long sink;

    static {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < WARM_UP_NANOS) {
            work(ROUNDS);
        }
        while (System.nanoTime() - begun < 2 * WARM_UP_NANOS) {
            nanos();
        }
    }

    private Core() {}

    /** The time that the work takes now: some 7 microseconds, the least of three. */
    public static double nanos() {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long begun = System.nanoTime();
            work(ROUNDS);
            least = Math.min(least, System.nanoTime() - begun);
        }
        best = Math.min(best, least);
        return least;
    }

    /** Whether a time is about the best that this process has seen. */
    public static boolean isFast(double nanos) {
        return nanos <= CHANGE * best;
    }

    /**
     * Eight chains of simple operations, more than any core can begin at once: what binds is how
     * many operations it begins, which is what a neighbour takes away.
     */
    private static void work(int rounds) {
        long a = 1;
        long b = 2;
        long c = 3;
        long d = 4;
        long e = 5;
        long f = 6;
        long g = 7;
        long h = sink;
        for (int r = 0; r < rounds; r++) {
            a = Long.rotateLeft(a, 7) + r;
            b = Long.rotateLeft(b, 7) + r;
            c = Long.rotateLeft(c, 7) + r;
            d = Long.rotateLeft(d, 7) + r;
            e = Long.rotateLeft(e, 7) + r;
            f = Long.rotateLeft(f, 7) + r;
            g = Long.rotateLeft(g, 7) + r;
            h = Long.rotateLeft(h, 7) + r;
        }
        sink = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
    }
}
