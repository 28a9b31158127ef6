package io.github.dropfuse.integrations.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Times several ways of doing one thing, in turn: each round makes calls of every way. What is
 * timed is the calling thread.
 */
public final class Rounds {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int WARM = 10;
    private static final Path STATUS = Path.of("/proc/thread-self/stat");

    /** Of the fields of {@link #STATUS} behind the thread's name. */
    private static final int MINOR_FAULTS = 7;

    private Rounds() {}

    private record Times(double[] processor, double[] clock, double[] faults) {
        Times(int rounds) {
            this(new double[rounds], new double[rounds], new double[rounds]);
        }
    }

    /**
     * Prints for each way the median of its time on the processor, with the quartiles, then on the
     * clock, in microseconds a call, and how many pages of memory the system had to give it.
     *
     * @param ways each with its name
     * @param rounds how many count, after some to warm up
     * @param calls of each way in a round
     * @throws IOException if the system does not count pages
     */
    public static void print(Map<String, Runnable> ways, int rounds, int calls)
            throws IOException {
        Map<String, Times> times = new LinkedHashMap<>();
        ways.keySet().forEach(name -> times.put(name, new Times(rounds)));
        for (int round = -WARM; round < rounds; round++) {
            for (var way : ways.entrySet()) {
                long faults = faults();
                long processor = THREADS.getCurrentThreadCpuTime();
                long clock = System.nanoTime();
                for (int call = 0; call < calls; call++) {
                    way.getValue().run();
                }
                if (round >= 0) {
                    Times of = times.get(way.getKey());
                    of.clock[round] = (System.nanoTime() - clock) / 1e3 / calls;
                    of.processor[round] =
                            (THREADS.getCurrentThreadCpuTime() - processor) / 1e3 / calls;
                    of.faults[round] = (double) (faults() - faults) / calls;
                }
            }
        }
        times.forEach(
                (name, of) ->
                        System.out.printf(
                                "%-34s %9.1f (%.1f to %.1f) clock %9.1f pages %7.0f%n",
                                name,
                                quantile(of.processor, 0.5),
                                quantile(of.processor, 0.25),
                                quantile(of.processor, 0.75),
                                quantile(of.clock, 0.5),
                                quantile(of.faults, 0.5)));
    }

    private static long faults() throws IOException {
        String status = Files.readString(STATUS);
        String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[MINOR_FAULTS]);
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * (sorted.length - 1))];
    }
}
