package io.github.dropfuse.kernel;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Where threads are: runs a range as pieces, on an executor's threads and the caller's own. The
 * caller takes pieces too and waits only for pieces that have begun, so an executor without a free
 * thread costs nothing but its help.
 */
public final class Splitter {
    private static final int PIECES_PER_WORKER = 4;
    private static final String COMMON_PARALLELISM =
            "java.util.concurrent.ForkJoinPool.common.parallelism";

    private final Executor executor;
    private final int helpers;

    private Splitter(Executor executor, int helpers) {
        this.executor = executor;
        this.helpers = helpers;
    }

    /** Runs everything in the calling thread. */
    public static final Splitter NONE = new Splitter(Runnable::run, 0);

    /** Uses the common pool, whose size follows the processors that a container may use. */
    public static final Splitter COMMON_POOL =
            new Splitter(ForkJoinPool.commonPool(), commonPoolHelpers());

    /**
     * Uses an executor of the caller's.
     *
     * @param executor runs the helpers
     * @param helpers how many run beside the calling thread at most
     * @return a splitter
     */
    public static Splitter over(Executor executor, int helpers) {
        return new Splitter(executor, helpers);
    }

    /** A range of a split call. */
    @FunctionalInterface
    public interface Body {
        /**
         * Computes [from, from + count).
         *
         * @param from the first index
         * @param count how many
         */
        void run(long from, long count);
    }

    /**
     * Whether a call of this size would be split here and now: a call that already runs in a
     * fork-join pool, such as in a parallel stream, is not, as its pool's threads are busy.
     *
     * @param count size of the range
     * @param grain the smallest piece that is worth a thread
     * @return true if {@link #run} would use more than the calling thread
     */
    public boolean splits(long count, long grain) {
        return helpers > 0 && count >= 2 * grain && !ForkJoinTask.inForkJoinPool();
    }

    /**
     * Runs a range in pieces whose bounds are multiples of {@code align}.
     *
     * @param count size of the range
     * @param align what the bounds are multiples of
     * @param grain the smallest piece that is worth a thread
     * @param body computes one piece
     */
    public void run(long count, long align, long grain, Body body) {
        long pieces = Math.min(count / grain, (long) (helpers + 1) * PIECES_PER_WORKER);
        long piece = roundUp(-Math.floorDiv(-count, pieces), align);
        Pieces work = new Pieces(count, piece, body);
        try {
            for (int i = 0; i < Math.min(helpers, pieces - 1); i++) {
                executor.execute(work);
            }
        } catch (RejectedExecutionException e) {
            // The caller does the work itself.
        } finally {
            // Whatever else was thrown: helpers that have begun still use the caller's memory.
            work.run();
            work.await();
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

    private static final class Pieces implements Runnable {
        private final long count;
        private final long piece;
        private final Body body;
        private final AtomicLong next = new AtomicLong();
        private final CountDownLatch left;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Pieces(long count, long piece, Body body) {
            this.count = count;
            this.piece = piece;
            this.body = body;
            this.left = new CountDownLatch(Math.toIntExact(-Math.floorDiv(-count, piece)));
        }

        @Override
        public void run() {
            long from;
            while ((from = next.getAndAdd(piece)) < count) {
                try {
                    if (failure.get() == null) {
                        body.run(from, Math.min(piece, count - from));
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                } finally {
                    left.countDown();
                }
            }
        }

        void await() {
            boolean interrupted = false;
            while (true) {
                try {
                    left.await();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
