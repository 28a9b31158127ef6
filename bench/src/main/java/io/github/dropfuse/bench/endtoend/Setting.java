package io.github.dropfuse.bench.endtoend;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What one process measures.
 *
 * @param route of Dropfuse into a framework
 * @param memory what the C library does with memory that is freed
 * @param threads of the framework
 * @param once whether each contender is called only once, to see that it runs
 */
public record Setting(Route route, Memory memory, int threads, boolean once) {
    /** How Dropfuse enters a framework. */
    public enum Route {
        /** DJL's default. */
        MULTIPLICATION("DJL"),
        /** DJL with {@code TorchOperator.install()}, which counts for the whole process. */
        OPERATOR("DJL"),
        /** The one of Deeplearning4j. */
        DROPOUT("DL4J");

        private final String framework;

        Route(String framework) {
            this.framework = framework;
        }

        /**
         * The framework that it leads to.
         *
         * @return its short name
         */
        public String framework() {
            return framework;
        }
    }

    /** What the C library does with large pieces of memory that are freed. */
    public enum Memory {
        /** By default it hands them back to the system, which clears them again page by page. */
        DEFAULT(Map.of()),
        /** It keeps them for the next call. */
        KEPT(
                Map.of(
                        "MALLOC_MMAP_MAX_", "0",
                        "MALLOC_TRIM_THRESHOLD_", "17179869184",
                        "MALLOC_ARENA_MAX", "1"));

        private final Map<String, String> variables;

        Memory(Map<String, String> variables) {
            this.variables = variables;
        }
    }

    /**
     * All settings, or for a look whether all runs, one for each route.
     *
     * @param once whether each contender is called only once
     * @return settings in the order in which they are measured
     */
    public static List<Setting> all(boolean once) {
        List<Setting> all = new ArrayList<>();
        int processors = Runtime.getRuntime().availableProcessors();
        for (Memory memory : once ? List.of(Memory.DEFAULT) : List.of(Memory.values())) {
            for (int threads : once || processors == 1 ? List.of(processors) : List.of(1, processors)) {
                for (Route route : Route.values()) {
                    all.add(new Setting(route, memory, threads, once));
                }
            }
        }
        return all;
    }

    /**
     * Sets the environment of a process that is to measure this.
     *
     * @param environment loses what would have a say in memory or threads, and receives ours
     */
    public void apply(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("MALLOC_"));
        environment.remove("GLIBC_TUNABLES");
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        environment.putAll(memory.variables);
    }

    /**
     * The options that a java needs to measure this.
     *
     * @return one a word, without the class's name and its arguments
     */
    public List<String> javaOptions() {
        return List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:ActiveProcessorCount=" + threads,
                "-Xmx2g");
    }

    /**
     * This as arguments of {@link Measurement#main}.
     *
     * @return as many as the record has components
     */
    public List<String> arguments() {
        return List.of(
                route.name(), memory.name(), Integer.toString(threads), Boolean.toString(once));
    }

    static Setting of(String... arguments) {
        return new Setting(
                Route.valueOf(arguments[0]),
                Memory.valueOf(arguments[1]),
                Integer.parseInt(arguments[2]),
                Boolean.parseBoolean(arguments[3]));
    }
}
