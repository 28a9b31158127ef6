package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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
                                                (from, size) -> {
                                                    throw error;
                                                }));
        assertSame(error, thrown);
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
}
