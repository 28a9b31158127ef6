package io.github.dropfuse.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The limit: what it takes to read and write the tensor and do nothing else. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class CopyBenchmark {
    /** Java's own copy, on the workload's threads. */
    @Benchmark
    public void segmentCopy(Workload w, Limit limit) {
        Copying.segmentCopy(w.x().segment(), w.y().segment(), w.threadCount());
    }

    /** The C library's, in one thread. */
    @Benchmark
    public void cMemcpy(Workload w, Limit limit) {
        Copying.cMemcpy(w.x().segment(), w.y().segment(), 1);
    }
}
