package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.testing.GuardedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No form of the family touches a byte outside of its buffers, nor the units that it drops. */
@Tag("long")
class FamilyGuardPagesTest {
    private static final PhiloxState STATE = new PhiloxState(31, 4);
    private static final int MOST = 8 * 1030;
    private static final int[] COLUMNS = {1, 2, 3, 7, 15, 16, 17, 31, 33, 63, 65, 127, 257, 1025};

    private static final List<BiFunction<GuardedMemory, Long, MemorySegment>> ENDS =
            List.of(GuardedMemory::last, GuardedMemory::first);

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void staysWithinItsBuffers(Backend backend, DType dtype) {
        Execution on = Execution.automatic().on(backend).sequential();
        int size = dtype.byteSize();
        try (Arena arena = Arena.ofConfined();
                GuardedMemory a = new GuardedMemory((long) MOST * size);
                GuardedMemory b = new GuardedMemory((long) MOST * size);
                GuardedMemory c = new GuardedMemory((long) MOST * size);
                GuardedMemory v = new GuardedMemory((long) MOST * size);
                GuardedMemory w = new GuardedMemory((long) MOST * size)) {
            for (int columns : COLUMNS) {
                for (int rows : new int[] {1, 5, 8}) {
                    Tensor plain = Samples.plain(arena, dtype, 1, rows, columns);
                    for (var end : ENDS) {
                        long bytes = plain.byteSize();
                        Tensor x = Tensor.of(end.apply(a, bytes), dtype, rows, columns);
                        Tensor residual = Tensor.of(end.apply(b, bytes), dtype, rows, columns);
                        Tensor out = Tensor.of(end.apply(c, bytes), dtype, rows, columns);
                        long row = (long) columns * size;
                        Tensor vector = Tensor.of(end.apply(v, row), dtype, columns);
                        Tensor sums = Tensor.of(end.apply(w, row), dtype, columns);
                        run(on, x, vector, residual, out, sums);
                    }
                }
            }
        }
    }

    private static void run(
            Execution on, Tensor x, Tensor vector, Tensor residual, Tensor out, Tensor sums) {
        AlphaDropout alpha = new AlphaDropout(0.3).with(on);
        alpha.forward(x, out, STATE, 3);
        alpha.forward(out, out, STATE, 3);
        new FeatureAlphaDropout(0.3).with(on).forward(x, out, STATE, 3);
        new Dropout1d(0.3, Channels.LAST, Scaling.NONE).with(on).forward(x, out, STATE, 3);
        DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(0.3).with(on));
        dropoutAdd.forward(x, vector, residual, out, STATE, 3);
        dropoutAdd.forward(x, null, residual, residual, STATE, 3);
        dropoutAdd.biasGradient(x, sums, STATE, 3);
        DropPathAdd dropPathAdd = new DropPathAdd(new DropPath(0.3).with(on));
        dropPathAdd.forward(x, vector, residual, out, STATE, 3);
        dropPathAdd.forward(x, vector, residual, residual, STATE, 3);
        dropPathAdd.backward(x, vector, out, STATE, 3);
        dropPathAdd.gammaGradient(x, residual, sums, STATE, 3);
        new GaussianDropout(0.3).with(on).forward(x, out, STATE, 3);
        new GaussianNoise(0.3).with(on).forward(out, out, STATE, 3);
        for (TorchStream stream : TorchStream.values()) {
            new Dropout(0.3).with(on).forward(x, out, TorchGenerator.seeded(3).next(stream));
            new DropPath(0.3).with(on).forward(x, out, TorchGenerator.seeded(3).next(stream));
        }
        blocksAndRows(on, x, residual, out);
    }

    private static void blocksAndRows(Execution on, Tensor x, Tensor residual, Tensor out) {
        long rows = x.extent(0);
        long columns = x.extent(1);
        DropBlock block = new DropBlock(2, 0.3, (int) Math.min(2, Math.min(rows, columns)));
        Tensor image = x.reshape(1, 1, rows, columns);
        block.with(on).forward(image, out.reshape(1, 1, rows, columns), STATE);
        KeptSamples kept = KeptSamples.fixed(new DropPath(0.5).with(on), (int) rows, STATE);
        Tensor some = out.slice(0, kept.count());
        kept.gather(x, some);
        kept.scatterAdd(some, residual);
        TokenDrop tokenDrop = new TokenDrop(0.5, 0).with(on);
        long[] tokens = tokenDrop.indices(1, (int) rows, STATE);
        Tensor all = x.reshape(1, rows, columns);
        Tensor left = some.reshape(1, kept.count(), columns);
        tokenDrop.forward(all, left, tokens);
        tokenDrop.backward(left, all, tokens);
    }

    /** Samples of one page each; those that are dropped can be neither read nor written. */
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void leavesDroppedSamplesAlone(Backend backend, DType dtype) {
        Execution on = Execution.automatic().on(backend);
        long page = GuardedMemory.pageSize();
        long samples = 24;
        long columns = page / dtype.byteSize() / 4;
        long bytes = samples * page;
        try (Arena arena = Arena.ofConfined();
                GuardedMemory branch = new GuardedMemory(bytes);
                GuardedMemory gradient = new GuardedMemory(bytes);
                GuardedMemory residual = new GuardedMemory(bytes)) {
            Tensor x = Tensor.of(branch.first(bytes), dtype, samples, 4, columns);
            Tensor dy = Tensor.of(gradient.first(bytes), dtype, samples, 4, columns);
            Tensor out = Tensor.of(residual.first(bytes), dtype, samples, 4, columns);
            Tensor dx = Samples.empty(arena, dtype, samples, 4, columns);
            Tensor gamma = Samples.plain(arena, dtype, 1, columns);
            Tensor dgamma = Samples.empty(arena, dtype, columns);
            DropPathAdd layer = new DropPathAdd(new DropPath(0.5).with(on));
            Mask mask = layer.dropPath().mask(arena, x, STATE);
            for (long sample = 0; sample < samples; sample++) {
                if (!mask.keeps(sample)) {
                    for (Tensor tensor : new Tensor[] {x, dy, out}) {
                        GuardedMemory.forbid(tensor.segment().asSlice(sample * page, page));
                    }
                }
            }
            layer.forward(x, gamma, out, out, STATE);
            layer.forward(x, null, out, out, mask);
            layer.backward(dy, gamma, dx, STATE);
            layer.gammaGradient(dy, x, dgamma, STATE);
            assertEquals(samples, mask.units());
        }
    }
}
