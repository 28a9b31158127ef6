package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.Units;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Our layers whose units lie in images, here 64 channels of 56 × 56. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ImageBenchmark {
    static final long CHANNELS = 64;
    static final long SIDE = 56;

    /** Elements of an image. */
    static final long IMAGE = CHANNELS * SIDE * SIDE;

    static final int BLOCK = 7;

    private Dropout2d first;
    private Dropout2d last;
    private Dropout rows;
    private DropBlock blocks;
    private Generator generator;
    private Tensor x;
    private Tensor y;

    @Setup
    public void prepare(Workload w, Ours ours) {
        Execution execution = ours.execution(w);
        first = new Dropout2d(w.p).with(execution);
        last = new Dropout2d(w.p, Channels.LAST, Scaling.IN_TRAINING).with(execution);
        rows = new Dropout(w.p, Scaling.IN_TRAINING, rowsOfAllChannels()).with(execution);
        blocks = new DropBlock(2, w.p, BLOCK).with(execution);
        generator = Ours.generator();
        x = images(w.x());
        y = images(w.y());
    }

    @Benchmark
    public void channelsFirst(Limit limit) {
        first.forward(x, y, generator.next());
    }

    @Benchmark
    public void channelsLast(Limit limit) {
        last.forward(withChannelsLast(x), withChannelsLast(y), generator.next());
    }

    @Benchmark
    public void noiseShape(Limit limit) {
        rows.forward(x, y, generator.next());
    }

    @Benchmark
    public void dropBlock(Limit limit) {
        blocks.forward(x, y, generator.next());
    }

    /** A row of an image is dropped in all channels, so that a noise shape has to repeat itself. */
    static Units rowsOfAllChannels() {
        return Units.noiseShape(-1, 1, -1, 1);
    }

    static Tensor images(Tensor all) {
        return all.reshape(all.size() / IMAGE, CHANNELS, SIDE, SIDE);
    }

    static Tensor withChannelsLast(Tensor images) {
        return images.reshape(images.extent(0), SIDE, SIDE, CHANNELS);
    }
}
