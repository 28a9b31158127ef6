package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Which of our backends is measured; it is printed in every fork. */
@State(Scope.Benchmark)
public class Ours {
    static final long SEED = 42;

    @Param({"native", "reference"})
    public String backend;

    Execution execution(Workload workload) {
        Backend chosen = Backends.require(backend);
        System.out.println("# contender: Dropfuse, backend " + chosen.name() + ", tier "
                + chosen.tier());
        Execution execution = Execution.automatic().on(chosen);
        return workload.allThreads() ? execution : execution.sequential();
    }

    static Generator generator() {
        return Generator.seeded(SEED);
    }
}
