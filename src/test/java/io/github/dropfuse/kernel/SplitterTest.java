package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SplitterTest {
    @Test
    void splitsFromTwoGrainsOn() {
        Splitter splitter = Splitter.over(Runnable::run, 1);
        assertFalse(splitter.splits(199, 100));
        assertTrue(splitter.splits(200, 100));
        assertFalse(Splitter.NONE.splits(Long.MAX_VALUE, 1));
        assertFalse(Splitter.over(Runnable::run, 0).splits(Long.MAX_VALUE, 1));
    }

    @Test
    void thereMayBeAsManyHelpersAsCanBeCounted() {
        AtomicInteger given = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        Splitter.over(task -> given.incrementAndGet(), Integer.MAX_VALUE)
                .run(100, 1, 10, () -> {}, (from, size) -> done.addAndGet((int) size));
        assertEquals(9, given.get());
        assertEquals(100, done.get());
    }

    @Test
    void aWorkerHasFourPiecesUnlessTheyWouldBeTooShort() {
        assertEquals(Collections.nCopies(8, 125L), pieces(1, 1000, 1, 10));
        assertEquals(Collections.nCopies(16, 75L), pieces(3, 1200, 1, 300));
        assertEquals(Collections.nCopies(12, 100L), pieces(3, 1200, 1, 400));
        assertEquals(
                List.of(128L, 128L, 128L, 128L, 128L, 128L, 128L, 104L), pieces(1, 1000, 64, 10));
    }

    @Test
    void thereIsOneWorkerForEachGrain() {
        for (int grains : new int[] {2, 3, 9}) {
            AtomicInteger given = new AtomicInteger();
            Splitter.over(task -> given.incrementAndGet(), 4)
                    .run(grains * 100 + 99, 1, 100, () -> {}, (from, size) -> {});
            assertEquals(Math.min(4, grains - 1), given.get());
        }
    }

    /** The pieces of the caller and helpers. */
    private static List<Long> pieces(int helpers, long count, long align, long grain) {
        List<Long> sizes = new ArrayList<>();
        Splitter.over(task -> {}, helpers)
                .run(
                        count, align, grain, () -> {},
                        (from, size) -> {
                            assertEquals(sizes.stream().mapToLong(Long::longValue).sum(), from);
                            sizes.add(size);
                        });
        return sizes;
    }

    @Test
    void doesNotSplitInsideOfAPool() throws Exception {
        Splitter splitter = Splitter.over(Runnable::run, 1);
        try (ForkJoinPool pool = new ForkJoinPool(1)) {
            assertFalse(pool.submit(() -> splitter.splits(1000, 1)).get());
        }
    }

    @Test
    void anExceptionOfAPieceReachesTheCallerAndStopsTheRest() {
        AtomicInteger begun = new AtomicInteger();
        RuntimeException failure = new IllegalStateException("piece");
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            var thrown =
                    assertThrows(
                            IllegalStateException.class,
                            () ->
                                    Splitter.over(pool, 2)
                                            .run(
                                                    1000,
                                                    1,
                                                    10,
                                                    () -> {},
                                                    (from, size) -> {
                                                        begun.incrementAndGet();
                                                        throw failure;
                                                    }));
            assertSame(failure, thrown);
        }
        assertTrue(begun.get() <= 3, "pieces begun: " + begun);
        Error error = new StackOverflowError();
        var thrown =
                assertThrows(
                        StackOverflowError.class,
                        () ->
                                Splitter.over(Runnable::run, 1)
                                        .run(
                                                100,
                                                1,
                                                1,
                                                () -> {},
                                                (from, size) -> {
                                                    throw error;
                                                }));
        assertSame(error, thrown);
    }

    /** One that its compiler did not see. */
    @Test
    void aCheckedExceptionOfAPieceIsTheCauseOfWhatIsThrown() {
        Exception failure = new IOException();
        var thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Splitter.over(task -> {}, 1)
                                        .run(
                                                2, 1, 1, () -> {},
                                                (from, size) ->
                                                        SplitterTest.<RuntimeException>sneak(
                                                                failure)));
        assertSame(failure, thrown.getCause());
    }

    /** The helper's piece ends when the caller waits, whom the first wait leaves uninterrupted. */
    @Test
    void aCallerWaitsAndStaysInterruptedOrNot() {
        for (boolean interrupted : List.of(true, false)) {
            Thread caller = Thread.currentThread();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(1);
            AtomicBoolean ended = new AtomicBoolean();
            Splitter.over(task -> Thread.ofPlatform().start(task), 1, Long.MAX_VALUE)
                    .run(
                            2, 1, 1, () -> {},
                            (from, size) -> {
                                if (Thread.currentThread() == caller) {
                                    await(begun);
                                    if (interrupted) {
                                        caller.interrupt();
                                    }
                                    done.countDown();
                                    return;
                                }
                                begun.countDown();
                                await(done);
                                while (caller.getState() != Thread.State.WAITING) {
                                    Thread.onSpinWait();
                                }
                                ended.set(true);
                            });
            assertTrue(ended.get());
            assertEquals(interrupted, Thread.interrupted());
        }
    }

    /** Such as for want of another thread: those that have begun must not outlive the call. */
    @Test
    void whatAnExecutorThrowsIsThrownWhenNoPieceIsUnderWay() {
        Error failure = new OutOfMemoryError("unable to create native thread");
        AtomicInteger given = new AtomicInteger();
        AtomicInteger under = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        Executor failing =
                task -> {
                    if (given.getAndIncrement() > 0) {
                        throw failure;
                    }
                    Thread.ofPlatform().start(task);
                };
        var thrown =
                assertThrows(
                        OutOfMemoryError.class,
                        () ->
                                Splitter.over(failing, 3)
                                        .run(
                                                16,
                                                1,
                                                1,
                                                () -> {},
                                                (from, size) -> {
                                                    under.incrementAndGet();
                                                    LockSupport.parkNanos(1_000_000);
                                                    done.addAndGet((int) size);
                                                    under.decrementAndGet();
                                                }));
        assertSame(failure, thrown);
        assertEquals(0, under.get());
        assertEquals(16, done.get());
    }

    /** A checked exception is one that its compiler did not see. */
    @Test
    void anExecutorThatThrowsWhateverExceptionOnlySlowsTheCall() {
        for (Exception failure : List.of(new IllegalStateException(), new IOException())) {
            AtomicInteger done = new AtomicInteger();
            Splitter.over(task -> SplitterTest.<RuntimeException>sneak(failure), 3)
                    .run(16, 1, 1, () -> {}, (from, size) -> done.addAndGet((int) size));
            assertEquals(16, done.get());
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Exception> void sneak(Exception e) throws T {
        throw (T) e;
    }

    /** One that runs tasks itself, and one that waits until another thread has run them. */
    @Test
    void noPieceIsUnderWayWhileTheExecutorIsAsked() {
        Executor waiting =
                task -> {
                    Thread thread = Thread.ofPlatform().start(task);
                    try {
                        thread.join();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                };
        for (Executor executor : List.<Executor>of(Runnable::run, waiting)) {
            AtomicBoolean asking = new AtomicBoolean();
            AtomicInteger early = new AtomicInteger();
            AtomicInteger done = new AtomicInteger();
            Executor watched =
                    task -> {
                        asking.set(true);
                        executor.execute(task);
                        asking.set(false);
                    };
            Splitter.over(watched, 3)
                    .run(
                            16,
                            1,
                            1,
                            () -> assertEquals(0, done.get()),
                            (from, size) -> {
                                early.addAndGet(asking.get() ? 1 : 0);
                                done.addAndGet((int) size);
                            });
            assertEquals(0, early.get());
            assertEquals(16, done.get());
        }
    }

    @Test
    void aCheckThatThrowsLetsNoPieceBegin() throws InterruptedException {
        List<Thread> helpers = new ArrayList<>();
        AtomicInteger begun = new AtomicInteger();
        RuntimeException failure = new IllegalStateException("closed");
        var thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Splitter.over(
                                                task ->
                                                        helpers.add(
                                                                Thread.startVirtualThread(task)),
                                                3)
                                        .run(
                                                16,
                                                1,
                                                1,
                                                () -> {
                                                    throw failure;
                                                },
                                                (from, size) -> begun.incrementAndGet()));
        assertSame(failure, thrown);
        for (Thread helper : helpers) {
            helper.join();
        }
        assertEquals(0, begun.get());
    }

    /** The caller's part throws, and a helper's goes on: such as where the stack has ended. */
    @Test
    void whatTheCallersPartThrowsIsThrownWhenNoPieceIsUnderWay() {
        Error failure = new StackOverflowError();
        Thread caller = Thread.currentThread();
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        var thrown =
                assertThrows(
                        StackOverflowError.class,
                        () ->
                                Splitter.over(
                                                task -> Thread.ofPlatform().start(task),
                                                1,
                                                Long.MAX_VALUE)
                                        .run(
                                                2,
                                                1,
                                                1,
                                                () -> {},
                                                (from, size) -> {
                                                    if (Thread.currentThread() == caller) {
                                                        await(begun);
                                                        throw failure;
                                                    }
                                                    begun.countDown();
                                                    LockSupport.parkNanos(50_000_000);
                                                    ended.set(true);
                                                }));
        assertSame(failure, thrown);
        assertTrue(ended.get());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Calls that end anywhere, as there is a little more stack for each. */
    @Test
    @Tag("stack")
    void noPieceIsUnderWayWhereTheStackHasEnded() throws InterruptedException {
        try (OneWorker worker = new OneWorker()) {
            AtomicInteger under = new AtomicInteger();
            Splitter splitter = Splitter.over(worker, 1);
            Splitter.Body body =
                    (from, size) -> {
                        if (Thread.currentThread() == worker.thread) {
                            under.incrementAndGet();
                            LockSupport.parkNanos(2_000_000);
                            under.decrementAndGet();
                        }
                        for (int i = 0; i < 10_000 && under.get() == 0; i++) {
                            Thread.onSpinWait(); // So that the worker has a piece too.
                        }
                    };
            Runnable call = () -> splitter.run(8, 1, 1, () -> {}, body);
            call.run(); // What is linked once takes more stack than the call.
            Descent descent = new Descent(call, under);
            Thread thread = new Thread(null, descent::begin, "little stack", 1 << 18);
            thread.start();
            thread.join();
            assertTrue(descent.ended > 5, "calls that have ended: " + descent.ended);
            assertEquals(0, descent.late);
        }
    }

    /** Goes down until the stack ends, and calls on the way back until one is whole. */
    private static final class Descent {
        private final Runnable call;
        private final AtomicInteger under;
        private boolean whole;
        private int ended;
        private int late;

        Descent(Runnable call, AtomicInteger under) {
            this.call = call;
            this.under = under;
        }

        void begin() {
            try {
                descend();
            } catch (StackOverflowError e) {
                // The last handler had no stack either.
            }
        }

        private void descend() {
            try {
                descend();
            } catch (StackOverflowError e) {
                // The frames above are free now.
            }
            if (whole) {
                return;
            }
            try {
                call.run();
                whole = true;
            } catch (StackOverflowError e) {
                late += under.get();
                ended++;
            }
        }
    }

    /** An executor that takes next to no stack. */
    private static final class OneWorker implements Executor, AutoCloseable {
        private final Thread thread = Thread.ofPlatform().daemon().start(this::work);
        private volatile Runnable next;
        private volatile boolean closed;

        @Override
        public void execute(Runnable task) {
            next = task;
        }

        private void work() {
            while (!closed) {
                Runnable task = next;
                if (task != null) {
                    next = null;
                    task.run();
                }
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
