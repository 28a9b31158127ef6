package io.github.dropfuse.bench.jmh;

import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's number of threads. */
public final class Nd4jThreads {
    private Nd4jThreads() {}

    /**
     * Sets how many threads ND4J may use.
     *
     * @param threads how many
     */
    public static void set(int threads) {
        Environment environment = Nd4j.getEnvironment();
        environment.setMaxThreads(threads);
        environment.setMaxMasterThreads(threads);
    }
}
