package io.github.dropfuse.bench.endtoend;

/**
 * The samples of one contender at one task in one process; the n-th of each contender are one round.
 *
 * @param framework DJL or DL4J
 * @param route how Dropfuse enters the framework
 * @param memory what the C library does with memory that is freed
 * @param threads of the framework
 * @param task what is done
 * @param contender who drops
 * @param calls averaged in one sample
 * @param wall nanoseconds of a call on the clock, by round
 * @param cpu nanoseconds of a call on processors, of all threads of the process, by round
 */
public record Series(
        String framework,
        String route,
        String memory,
        int threads,
        String task,
        Contender contender,
        int calls,
        double[] wall,
        double[] cpu) {}
