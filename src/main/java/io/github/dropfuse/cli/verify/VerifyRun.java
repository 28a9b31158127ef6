package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Staging;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Compares case after case, by one caller or by many at once, until time is up or one differs. */
final class VerifyRun {
    private static final int CALLERS_PER_PROCESSOR = 2;

    private final List<Staging> backends;
    private final long seed;
    private final boolean deep;
    private final long nanos;
    private final Progress progress;

    private final Map<Subject, Long> calls = new HashMap<>();
    private final Map<Staging, Tally> tallies = new LinkedHashMap<>();
    private final long begun = System.nanoTime();
    private long last = begun;
    private volatile Fault fault;
    private volatile boolean failed;

    /**
     * A case that differs.
     *
     * @param number of the case
     * @param task the case
     * @param what differs, in words
     */
    record Fault(long number, VerifyCase task, String what) {}

    VerifyRun(List<Staging> backends, long seed, boolean deep, long nanos, Progress progress) {
        this.backends = backends;
        this.seed = seed;
        this.deep = deep;
        this.nanos = nanos;
        this.progress = progress;
        backends.forEach(one -> tallies.put(one, new Tally()));
    }

    /** One case. */
    Optional<Fault> only(long number) {
        compare(number);
        return Optional.ofNullable(fault);
    }

    /** Cases from one on, by a step: one at least, and without a step each subject's first. */
    Optional<Fault> all(long first, long step) {
        AtomicLong next = new AtomicLong(first);
        int callers =
                deep ? CALLERS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors() : 1;
        try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            CompletableFuture.allOf(
                            Stream.generate(() -> caller(threads, next, first, step))
                                    .limit(callers)
                                    .toArray(CompletableFuture<?>[]::new))
                    .join();
        }
        return Optional.ofNullable(fault);
    }

    private CompletableFuture<Void> caller(
            ExecutorService threads, AtomicLong next, long first, long step) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        long n = next.getAndAdd(step);
                        while (goesOn(n, first)) {
                            compare(n);
                            n = next.getAndAdd(step);
                        }
                    } catch (Throwable e) {
                        failed = true;
                        throw e;
                    }
                },
                threads);
    }

    private boolean goesOn(long n, long first) {
        boolean owed = n == first || n < Subject.ALL.size();
        return fault == null && !failed && (owed || System.nanoTime() - begun < nanos);
    }

    private void compare(long number) {
        VerifyCase task = VerifyCase.random(seed, number, deep);
        String difference = difference(task);
        synchronized (this) {
            if (difference != null) {
                boolean earlier = fault == null || number < fault.number;
                fault = earlier ? new Fault(number, task, difference) : fault;
            }
            calls.merge(task.subject(), 1L, Long::sum);
            long now = System.nanoTime();
            progress.add(now - last);
            last = now;
        }
    }

    private String difference(VerifyCase task) {
        Verifier begun;
        try {
            begun = new Verifier(task);
        } catch (RuntimeException e) {
            return "the reference fails: " + e;
        }
        try (Verifier verifier = begun) {
            return backends.stream()
                    .filter(one -> !task.call().isForOthers() || !Verifier.isReference(one))
                    .map(one -> verifier.compare(one, tallies.get(one)))
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElse(null);
        }
    }

    /** How often each subject was called. */
    Map<Subject, Long> calls() {
        Map<Subject, Long> inOrder = new LinkedHashMap<>();
        for (Subject one : Subject.ALL) {
            if (calls.containsKey(one)) {
                inOrder.put(one, calls.get(one));
            }
        }
        return inOrder;
    }

    /** What was compared on each backend. */
    Map<Staging, Tally> tallies() {
        return tallies;
    }
}
