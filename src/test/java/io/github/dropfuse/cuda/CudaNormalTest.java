package io.github.dropfuse.cuda;

import static io.github.dropfuse.cuda.CudaPlacementTest.refused;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device's normal numbers are the reference's, and so is what becomes of values. */
@CudaTest
class CudaNormalTest {
    private static final long[] SIZES = {
        0, 1, 2, 7, 31, 127, 128, 129, 255, 256, 257, 511, 1023, 1024, 1025, 2047, 4099, 30_011
    };
    private static final long[] STARTS = {0, 1, 4, 128, 255, 256, 1022, (1L << 50) + 6};
    private static final PhiloxState STATE = new PhiloxState(0xFEDC_BA98_7654_3210L, 1L << 33);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());
    private static final GaussianDropout DROPOUT = new GaussianDropout(0.3);
    private static final GaussianNoise NOISE = new GaussianNoise(0.7);

    @FunctionalInterface
    private interface Forward {
        void run(Tensor x, Tensor y, PhiloxState state, long start);
    }

    private static Tensor wanted(Forward reference, Tensor x, long start) {
        Tensor y = Device.values(x.dtype(), 1, x.shape());
        reference.run(x, y, STATE, start);
        return y;
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void sizesAndStarts(DType dtype) {
        for (long size : SIZES) {
            Tensor x = Device.values(dtype, size, size);
            for (long start : STARTS) {
                compare(x, start, 0, 0, DROPOUT::forward, DROPOUT.with(REFERENCE)::forward);
                compare(x, start, 0, 0, NOISE::forward, NOISE.with(REFERENCE)::forward);
            }
            compare(x, -size, 0, 0, DROPOUT::backward, DROPOUT.with(REFERENCE)::backward);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void places(DType dtype) {
        Tensor x = Device.values(dtype, 3, 5003);
        int size = dtype.byteSize();
        for (int from : new int[] {0, size, 3 * size, 8, 1, 5}) {
            for (int to : new int[] {0, size, 8, 3}) {
                compare(x, 3, from, to, NOISE::forward, NOISE.with(REFERENCE)::forward);
                compare(x, 4, from, to, DROPOUT::forward, DROPOUT.with(REFERENCE)::forward);
            }
        }
        for (long start = 0; start < 16; start++) {
            int at = (int) (start * size % 16);
            compare(x, start, at, at, DROPOUT::forward, DROPOUT.with(REFERENCE)::forward);
        }
    }

    private static void compare(
            Tensor x, long start, int from, int to, Forward cuda, Forward reference) {
        Tensor wanted = wanted(reference, x, start);
        String what = x + " from " + start + ", bytes " + from + " to " + to;
        try (Arena arena = Arena.ofConfined()) {
            Fenced in = Fenced.upload(arena, x, from);
            Fenced out = Fenced.upload(arena, Device.values(x.dtype(), 2, x.shape()), to);
            cuda.run(in.tensor(), out.tensor(), STATE, start);
            out.holds(wanted, what);
            in.holds(x, what + ", the input");
            cuda.run(in.tensor(), in.tensor(), STATE, start);
            in.holds(wanted, what + ", in place");
        }
    }

    /** Where the block's number wraps around in its low word, and where float32 has no sigma. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void farUnitsAndLargeSigma(DType dtype) {
        Tensor x = Device.values(dtype, 5, 3001);
        for (long start : new long[] {(1L << 35) - 1000, (1L << 40) - 256, (1L << 63) - 5}) {
            compare(x, start, 0, 0, NOISE::forward, NOISE.with(REFERENCE)::forward);
        }
        for (double sigma : new double[] {0x1p-140, 1e300}) {
            GaussianNoise layer = new GaussianNoise(sigma);
            compare(x, 0, 0, 0, layer::forward, layer.with(REFERENCE)::forward);
        }
    }

    /** Every pattern of the 16-bit types. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void allPatterns(DType dtype) {
        short[] all = new short[1 << 16];
        for (int i = 0; i < all.length; i++) {
            all[i] = (short) i;
        }
        Tensor x = Tensor.of(all, dtype, all.length);
        compare(x, 0, 0, 0, DROPOUT::forward, DROPOUT.with(REFERENCE)::forward);
        compare(x, 0, 0, 0, NOISE::forward, NOISE.with(REFERENCE)::forward);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void shardsAndStreams(DType dtype) {
        Tensor x = Device.values(dtype, 7, 6000);
        Tensor wanted = wanted(DROPOUT.with(REFERENCE)::forward, x, 40);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = Device.first().createStream()) {
            Tensor y = Device.upload(arena, x);
            GaussianDropout layer = DROPOUT.with(Execution.automatic().on(stream));
            for (long[] part : new long[][] {{0, 1}, {1, 700}, {700, 2048}, {2048, 6000}}) {
                Tensor shard = y.slice(part[0], part[1]);
                layer.forward(shard, shard, STATE, 40 + part[0]);
            }
            stream.synchronize();
            Patterns.assertEqual(dtype, wanted.segment(), Device.download(y), "shards");
            Tensor copy = Device.upload(arena, x);
            DROPOUT.infer(y, copy);
            NOISE.backward(copy, y);
            new GaussianNoise(0).forward(y, copy, STATE);
            Patterns.assertEqual(dtype, wanted.segment(), Device.download(copy), "identities");
        }
    }

    @Test
    void wrongPlaces() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor far = Device.upload(arena, Device.values(DType.FLOAT32, 1, 8));
            Tensor near = Tensor.allocate(arena, DType.FLOAT32, 8);
            String sm = Backends.require("cuda").toString();
            String y =
                    "y is in host memory, which " + sm
                            + " cannot access; allowed is the device's or pinned memory";
            String x = y.replaceFirst("y", "x");
            refused(y, () -> DROPOUT.forward(far, near, STATE));
            refused(x, () -> NOISE.forward(near, far, STATE));
            refused("d" + y.replaceFirst("y", "x"), () -> DROPOUT.backward(far, near, STATE));
            refused(y, () -> DROPOUT.infer(far, near));
            refused("d" + y, () -> NOISE.backward(near, far));
            refused(x, () -> NOISE.infer(near, far));
            refused(
                    "x is in memory of cuda:0, which reference/java cannot access; allowed is host"
                            + " memory",
                    () -> NOISE.with(REFERENCE).forward(far, far, STATE));
        }
    }
}
