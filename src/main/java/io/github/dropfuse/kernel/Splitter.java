package io.github.dropfuse.kernel;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Where threads are: runs a range as pieces, on an executor's threads and the caller's own. The
 * caller takes pieces too, and waits only for pieces that have begun: a busy executor only slows
 * the call. Whatever it throws, no piece is under way when {@link #run} returns, nor while the
 * executor is being asked: it is code of somebody else's, on the calling thread.
 */
public final class Splitter {
    private static final int PIECES_PER_WORKER = 4;

    /**
     * A grain is cut further, as a helper comes some 20 microseconds later than the caller: the
     * shorter the last pieces are, the shorter one waits for the other.
     */
    private static final int PIECES_PER_GRAIN = 4;

    /** So long the caller spins for the last pieces before it parks: enough for medium calls. */
    private static final long SPINNING_NANOS =
            Runtime.getRuntime().availableProcessors() > 1 ? 50_000 : 0;

    /**
     * So long helpers wait after the last one was asked for until pieces may begin, as an executor
     * might wait for its task before it gives the caller back.
     */
    private static final long PATIENCE_NANOS = 1_000_000;

    private static final String COMMON_PARALLELISM =
            "java.util.concurrent.ForkJoinPool.common.parallelism";

    private final Executor executor;
    private final int helpers;
    private final long patience;

    private Splitter(Executor executor, int helpers, long patience) {
        this.executor = executor;
        this.helpers = helpers;
        this.patience = patience;
    }

    /** Runs everything in the calling thread. */
    public static final Splitter NONE = new Splitter(Runnable::run, 0, PATIENCE_NANOS);

    /** Uses the common pool, whose size follows the processors that a container may use. */
    public static final Splitter COMMON_POOL =
            new Splitter(ForkJoinPool.commonPool(), commonPoolHelpers(), PATIENCE_NANOS);

    /** Uses an executor, which is given so many helpers at most. */
    public static Splitter over(Executor executor, int helpers) {
        return new Splitter(executor, helpers, PATIENCE_NANOS);
    }

    /** The same, whose helpers wait so many nanoseconds. */
    static Splitter over(Executor executor, int helpers, long patience) {
        return new Splitter(executor, helpers, patience);
    }

    /** Computes [from, from + count). */
    @FunctionalInterface
    public interface Body {
        void run(long from, long count);
    }

    /**
     * Whether a call of this size would be split here and now: a call that already runs in a
     * fork-join pool, such as in a parallel stream, is not, as its pool's threads are busy. The
     * grain is the least work that is worth a thread.
     */
    public boolean splits(long count, long grain) {
        return helpers > 0 && count >= 2 * grain && !ForkJoinTask.inForkJoinPool();
    }

    /**
     * Runs a range in pieces whose bounds are multiples of {@code align}.
     *
     * @param count size of the range
     * @param align what the bounds are multiples of
     * @param grain the least work that is worth a thread
     * @param check throws where the executor has spoiled what the pieces use, such as by closing
     *     an arena
     * @param body computes one piece
     */
    public void run(long count, long align, long grain, Runnable check, Body body) {
        long least = Math.max(1, grain / PIECES_PER_GRAIN);
        long most = Math.min(count / least, (helpers + 1L) * PIECES_PER_WORKER);
        long piece = roundUp(-Math.floorDiv(-count, most), align);
        Pieces work = new Pieces(count, piece, patience, body);
        Error refused = null;
        try {
            refused = work.offer(executor, Math.min(helpers, count / grain - 1));
            check.run();
            work.open = true;
            work.take();
            work.await();
        } catch (Throwable e) {
            work.failure = e;
        }
        // Where the stack has ended, await() could not wait. This needs none: helpers that have
        // begun still use the caller's memory, and those that begin later see the failure.
        while (work.busy > 0) {}
        work.rethrow();
        if (refused != null) {
            throw refused;
        }
    }

    /**
     * None where the one processor is the caller's, nor where the pool was given no threads: such a
     * pool keeps its tasks for ever, but reports a parallelism of 1.
     */
    private static int commonPoolHelpers() {
        boolean none = Integer.getInteger(COMMON_PARALLELISM, 1) == 0;
        int others = Runtime.getRuntime().availableProcessors() - 1;
        return none ? 0 : Math.min(ForkJoinPool.getCommonPoolParallelism(), others);
    }

    private static long roundUp(long value, long multiple) {
        return -Math.floorDiv(-value, multiple) * multiple;
    }

    /** A range in pieces, taken by the caller and by helpers, who count themselves. */
    private static final class Pieces implements Runnable {
        private static final AtomicIntegerFieldUpdater<Pieces> BUSY =
                AtomicIntegerFieldUpdater.newUpdater(Pieces.class, "busy");

        private final Thread caller = Thread.currentThread();
        private final long count;
        private final long piece;
        private final long pieces;
        private final long patience;
        private final Body body;
        private final AtomicLong next = new AtomicLong();

        /** When the last helper was asked for. */
        private volatile long asked;

        /** Whether pieces may begin. */
        private volatile boolean open;

        /** Helpers at work. */
        private volatile int busy;

        /** What a piece has thrown; no other begins after it. */
        private volatile Throwable failure;

        Pieces(long count, long piece, long patience, Body body) {
            this.count = count;
            this.piece = piece;
            this.pieces = -Math.floorDiv(-count, piece);
            this.patience = patience;
            this.body = body;
        }

        /**
         * Asks for helpers. An executor that takes none, for whatever reason, leaves the work to
         * the caller; an error of it is given back.
         */
        Error offer(Executor executor, long helpers) {
            try {
                for (long i = 0; i < helpers; i++) {
                    asked = System.nanoTime();
                    executor.execute(this);
                }
            } catch (Exception e) {
                return null;
            } catch (Error e) {
                return e;
            }
            return null;
        }

        /** A helper's part. */
        @Override
        public void run() {
            if (!waitUntilOpen()) {
                return;
            }
            BUSY.incrementAndGet(this);
            try {
                take();
            } finally {
                if (BUSY.decrementAndGet(this) == 0) {
                    LockSupport.unpark(caller);
                }
            }
        }

        private boolean waitUntilOpen() {
            if (Thread.currentThread() == caller) {
                return false;
            }
            while (!open && failure == null && System.nanoTime() - asked < patience) {
                Thread.onSpinWait();
            }
            return open;
        }

        void take() {
            try {
                long index;
                while (failure == null && (index = next.getAndIncrement()) < pieces) {
                    long from = index * piece;
                    body.run(from, Math.min(piece, count - from));
                }
            } catch (Throwable e) {
                failure = e;
            }
        }

        void await() {
            long start = System.nanoTime();
            while (busy > 0 && System.nanoTime() - start < SPINNING_NANOS) {
                Thread.onSpinWait();
            }
            boolean interrupted = false;
            while (busy > 0) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        void rethrow() {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
