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

/** The limit of what adds to a residual: plain loops in C that compilers turn into vectors. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class AddBenchmark {
    /** out = a + b. */
    @Benchmark
    public void add(Workload w, Limit limit) {
        Adding.add(w.x(), w.residual(), w.y(), w.threadCount());
    }

    /** The same with stores that bypass the cache. */
    @Benchmark
    public void addStreamed(Workload w, Limit limit) {
        Adding.addStreamed(w.x(), w.residual(), w.y(), w.threadCount());
    }

    /** a += b. */
    @Benchmark
    public void addInPlace(Workload w, Limit limit) {
        Adding.addInPlace(w.y(), w.x(), w.threadCount());
    }
}
