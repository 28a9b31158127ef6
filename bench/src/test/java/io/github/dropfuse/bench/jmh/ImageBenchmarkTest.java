package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Scaling;
import java.lang.foreign.Arena;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageBenchmarkTest {
    private static final double P = 0.25;
    private static final long IMAGES = 3;
    private static final PhiloxState FIRST = new PhiloxState(Ours.SEED, 0);
    private static final String OURS = "io.github.dropfuse.bench.jmh.Results#ours";

    @ParameterizedTest
    @MethodSource(OURS)
    void channelsFirst(String backend, String dtype, String threads) {
        check(backend, dtype, threads, b -> b.channelsFirst(null),
                (x, y) -> new Dropout2d(P).with(Results.reference()).forward(x, y, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void channelsLast(String backend, String dtype, String threads) {
        check(backend, dtype, threads, b -> b.channelsLast(null),
                (x, y) ->
                        new Dropout2d(P, Channels.LAST, Scaling.IN_TRAINING)
                                .with(Results.reference())
                                .forward(
                                        ImageBenchmark.withChannelsLast(x),
                                        ImageBenchmark.withChannelsLast(y),
                                        FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void noiseShape(String backend, String dtype, String threads) {
        check(backend, dtype, threads, b -> b.noiseShape(null),
                (x, y) ->
                        new Dropout(P, Scaling.IN_TRAINING, ImageBenchmark.rowsOfAllChannels())
                                .with(Results.reference())
                                .forward(x, y, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropBlock(String backend, String dtype, String threads) {
        check(backend, dtype, threads, b -> b.dropBlock(null),
                (x, y) ->
                        new DropBlock(2, P, ImageBenchmark.BLOCK)
                                .with(Results.reference())
                                .forward(x, y, FIRST));
    }

    private static void check(
            String backend,
            String dtype,
            String threads,
            Consumer<ImageBenchmark> method,
            BiConsumer<Tensor, Tensor> expected) {
        Workload w = Results.workload(IMAGES * ImageBenchmark.IMAGE, dtype, threads, P);
        ImageBenchmark benchmark = new ImageBenchmark();
        benchmark.prepare(w, Results.backend(backend));
        method.accept(benchmark);
        try (Arena arena = Arena.ofShared()) {
            Tensor y = Tensor.allocate(arena, w.x().dtype(), w.elements);
            expected.accept(ImageBenchmark.images(w.x()), ImageBenchmark.images(y));
            Results.assertSame(y, w.y());
        }
        w.free();
    }
}
