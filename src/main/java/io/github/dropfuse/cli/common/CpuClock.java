package io.github.dropfuse.cli.common;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/** Time on processors, which leaves out what other programs took. */
public enum CpuClock {
    /** Of the calling thread. */
    THREAD,
    /** Of all of Java's threads, but for those that collect garbage and compile. */
    ALL_THREADS;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Nanoseconds from some moment on; negative where this system does not tell. */
    public long nanos() {
        if (!THREADS.isThreadCpuTimeSupported()) {
            return -1;
        }
        return this == THREAD
                ? THREADS.getCurrentThreadCpuTime()
                : Arrays.stream(THREADS.getAllThreadIds())
                        .map(THREADS::getThreadCpuTime)
                        .filter(nanos -> nanos > 0)
                        .sum();
    }
}
