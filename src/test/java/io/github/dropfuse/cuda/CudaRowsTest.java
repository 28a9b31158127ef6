package io.github.dropfuse.cuda;

import static io.github.dropfuse.cuda.CudaPlacementTest.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows on a device: kept samples and kept tokens, to and fro. */
@CudaTest
class CudaRowsTest {
    private static final PhiloxState STATE = new PhiloxState(9, 8);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());
    private static final int[] LENGTHS = {1, 3, 4, 8, 31, 32, 100, 1000, 1024, 4097};

    private static void compare(
            Tensor x,
            Tensor y,
            String what,
            BiConsumer<Tensor, Tensor> cuda,
            BiConsumer<Tensor, Tensor> reference) {
        Tensor wanted = Tensor.of(copyOf(y), y.dtype(), y.shape());
        reference.accept(x, wanted);
        int size = x.dtype().byteSize();
        for (int[] at : new int[][] {{0, 0}, {size, size}, {0, 8}, {5, 3}}) {
            String where = what + " of " + x + ", bytes " + at[0] + " to " + at[1];
            try (Arena arena = Arena.ofConfined()) {
                Fenced in = Fenced.upload(arena, x, at[0]);
                Fenced out = Fenced.upload(arena, y, at[1]);
                cuda.accept(in.tensor(), out.tensor());
                out.holds(wanted, where);
                in.holds(x, where + ", the input");
            }
        }
    }

    private static MemorySegment copyOf(Tensor y) {
        return MemorySegment.ofArray(new byte[(int) y.byteSize()]).copyFrom(y.segment());
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void samples(DType dtype) {
        for (int length : LENGTHS) {
            for (int batch : new int[] {1, 7, 40}) {
                KeptSamples drawn = KeptSamples.drawn(new DropPath(0.4), batch, STATE);
                samples(dtype, batch, length, drawn);
                samples(dtype, batch, length, KeptSamples.fixed(new DropPath(0.6), batch, STATE));
            }
        }
        samples(dtype, 9, 50, KeptSamples.of(9, -1.75, 8, 0, 5));
        samples(dtype, 9, 50, KeptSamples.of(9, 1.0, 1, 2, 3, 8));
        samples(dtype, 9, 50, KeptSamples.of(9, Double.NaN, 1, 2, 3, 8));
        samples(dtype, 4, 50, KeptSamples.of(4, 0.5));
        samples(dtype, 4, 0, KeptSamples.of(4, 0.5, 1, 3));
    }

    private static void samples(DType dtype, int batch, int length, KeptSamples kept) {
        Tensor all = Device.values(dtype, 1, batch, length);
        Tensor some = Device.values(dtype, 2, kept.count(), length);
        KeptSamples reference = kept.with(REFERENCE);
        compare(all, some, kept + " gather", kept::gather, reference::gather);
        compare(
                some, all, kept + " scatterAdd", kept::scatterAdd, reference::scatterAdd);
        compare(
                all, some, kept + " scatterAddBackward", kept::scatterAddBackward,
                reference::scatterAddBackward);
        compare(
                some, all, kept + " gatherBackward", kept::gatherBackward,
                reference::gatherBackward);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void tokens(DType dtype) {
        for (int channels : new int[] {1, 8, 48, 100, 0}) {
            for (double p : new double[] {0, 0.5, 1}) {
                TokenDrop layer = new TokenDrop(p, 1);
                TokenDrop reference = layer.with(REFERENCE);
                Tensor all = Device.values(dtype, 3, 6, 17, channels);
                Tensor some = Device.values(dtype, 4, 6, layer.kept(17), channels);
                long[] indices = layer.indices(6, 17, STATE);
                compare(
                        all, some, layer + " forward", (x, y) -> layer.forward(x, y, indices),
                        (x, y) -> reference.forward(x, y, indices));
                compare(
                        some, all, layer + " backward", (dy, dx) -> layer.backward(dy, dx, indices),
                        (dy, dx) -> reference.backward(dy, dx, indices));
            }
        }
    }

    /** More rows than a grid holds at once. */
    @Test
    void manyRows() {
        KeptSamples kept = KeptSamples.drawn(new DropPath(0.3), 300_000, STATE);
        samples(DType.FLOAT16, 300_000, 8, kept);
    }

    /** A branch on the kept samples, on a stream, without a wait between. */
    @Test
    void onAStream() {
        DropPath path = new DropPath(0.5);
        Tensor x = Device.values(DType.BFLOAT16, 5, 20, 3, 96);
        Tensor wanted = Tensor.of(copyOf(x), DType.BFLOAT16, 20, 3, 96);
        KeptSamples reference = KeptSamples.drawn(path.with(REFERENCE), 20, STATE);
        Tensor rows = Device.values(DType.BFLOAT16, 6, reference.count(), 3, 96);
        reference.gather(wanted, rows);
        reference.scatterAdd(rows, wanted);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = Device.first().createStream()) {
            DropPath on = path.with(Execution.automatic().on(stream));
            KeptSamples kept = KeptSamples.drawn(on, 20, STATE);
            assertArrayEquals(reference.indices(), kept.indices());
            Tensor far = Device.upload(arena, x);
            Tensor farRows = Device.upload(arena, rows);
            kept.gather(far, farRows);
            kept.scatterAdd(farRows, far);
            stream.synchronize();
            Patterns.assertEqual(
                    DType.BFLOAT16, wanted.segment(), Device.download(far), "the residual");
        }
    }

    @Test
    void decisionsOfADevice() {
        DropPath path = new DropPath(0.5);
        try (Arena arena = Arena.ofConfined()) {
            Mask far = Device.first().allocateMask(arena, 50);
            Masks.draw(far, 0.5, STATE, 3);
            Mask near = Mask.allocate(arena, 50);
            Masks.draw(near, 0.5, STATE, 3);
            for (long start : new long[] {0, 7}) {
                assertArrayEquals(
                        KeptSamples.drawn(path, 40, near, start).indices(),
                        KeptSamples.drawn(path, 40, far, start).indices());
            }
            DropPath on = path.with(Execution.automatic().on(Backends.require("cuda")));
            assertArrayEquals(
                    KeptSamples.drawn(path, 40, STATE).indices(),
                    KeptSamples.drawn(on, 40, STATE).indices());
            assertArrayEquals(
                    KeptSamples.fixed(path, 40, STATE).indices(),
                    KeptSamples.fixed(on, 40, STATE).indices());
        }
    }

    @Test
    void wrongPlaces() {
        String sm = Backends.require("cuda").toString();
        String tail = ", which " + sm + " cannot access; allowed is the device's or pinned memory";
        KeptSamples kept = KeptSamples.of(4, 1, 0, 2);
        TokenDrop tokens = new TokenDrop(0.5, 0);
        long[] indices = {0, 1};
        try (Arena arena = Arena.ofConfined()) {
            Tensor far = Device.upload(arena, Device.values(DType.FLOAT32, 1, 4, 3));
            Tensor near = Tensor.allocate(arena, DType.FLOAT32, 2, 3);
            refused("rows is in host memory" + tail, () -> kept.gather(far, near));
            refused("branch is in host memory" + tail, () -> kept.scatterAdd(near, far));
            refused(
                    "residual is in memory of cuda:0, which reference/java cannot access; allowed"
                            + " is host memory",
                    () -> kept.with(REFERENCE).scatterAdd(near, far));
            Tensor farTokens = far.reshape(1, 4, 3);
            Tensor nearTokens = near.reshape(1, 2, 3);
            refused(
                    "y is in host memory" + tail,
                    () -> tokens.forward(farTokens, nearTokens, indices));
            refused(
                    "dy is in host memory" + tail,
                    () -> tokens.backward(nearTokens, farTokens, indices));
            refused(
                    "indices[1] is 4, allowed are 0 to 3",
                    () -> tokens.forward(
                            farTokens, Device.upload(arena, nearTokens), new long[] {0, 4}));
            refused(
                    "rows overlaps x; allowed is memory apart",
                    () -> kept.gather(far, far.slice(2, 4)));
        }
    }
}
