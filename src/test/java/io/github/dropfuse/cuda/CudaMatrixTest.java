package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.FeatureAlphaDropout;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device gives the reference's bits, whatever the type, size, place, start, layer and source. */
@CudaTest
class CudaMatrixTest {
    private static final long[] SIZES = {
        0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 255, 511, 512, 513, 1023, 1025, 4095, 4097, 65537
    };
    private static final PhiloxState STATE = new PhiloxState(0x1234_5678_9ABC_DEF0L, 1L << 33);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    @ParameterizedTest
    @EnumSource(DType.class)
    void elements(DType dtype) {
        Dropout layer = new Dropout(0.1);
        Dropout reference = layer.with(REFERENCE);
        for (long size : SIZES) {
            Tensor x = Device.values(dtype, size, size);
            for (long start : new long[] {0, 1, 4, 1022, (1L << 40) + 6, -size}) {
                Tensor wanted = Device.values(dtype, 1, size);
                reference.forward(x, wanted, STATE, start);
                String what = dtype + ", " + size + " elements from " + start;
                try (Arena arena = Arena.ofConfined()) {
                    Tensor in = Device.upload(arena, x);
                    Tensor out = Device.upload(arena, x);
                    layer.forward(in, out, STATE, start);
                    Patterns.assertEqual(dtype, wanted.segment(), Device.download(out), what);
                    layer.backward(in, in, STATE, start);
                    Patterns.assertEqual(
                            dtype, wanted.segment(), Device.download(in), what + ", in place");
                }
            }
        }
    }

    /** Slices begin anywhere, and what lies around them stays as it was. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void places(DType dtype) {
        Dropout layer = new Dropout(0.4);
        long size = 5000;
        Tensor values = Device.values(dtype, 7, size);
        try (Arena arena = Arena.ofConfined()) {
            for (int from : new int[] {0, 1, 2, 3, 4, 7, 8}) {
                for (int to : new int[] {0, 1, 4, 8}) {
                    long n = size - 20;
                    Tensor x = Device.upload(arena, values);
                    Tensor y = Device.upload(arena, values);
                    layer.forward(x.slice(from, from + n), y.slice(to, to + n), STATE, 3);
                    Tensor wanted = Device.values(dtype, 7, size);
                    layer.with(REFERENCE)
                            .forward(values.slice(from, from + n), wanted.slice(to, to + n), STATE, 3);
                    Patterns.assertEqual(
                            dtype, wanted.segment(), Device.download(y),
                            dtype + " from " + from + " to " + to);
                }
            }
        }
    }

    /** Memory that another library gives can begin at any byte. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void bytes(DType dtype) {
        Dropout layer = new Dropout(0.4);
        long n = 3000;
        Tensor x = Device.values(dtype, 9, n);
        Tensor wanted = Device.values(dtype, 9, n);
        layer.with(REFERENCE).forward(x, wanted, STATE);
        try (Arena arena = Arena.ofConfined()) {
            Tensor space = Device.first().allocate(arena, DType.FLOAT64, n + 2);
            for (int at : new int[] {1, 2, 3, 5, 6}) {
                MemorySegment odd = space.address().reinterpret(space.byteSize()).asSlice(at, 0);
                Tensor y = Device.first().view(odd, dtype, n);
                y.copyFrom(x);
                layer.forward(y, y, STATE);
                Patterns.assertEqual(
                        dtype, wanted.segment(), Device.download(y), dtype + " at byte " + at);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void samples(DType dtype) {
        for (long[] shape : new long[][] {
            {1, 1}, {5, 1}, {70, 3}, {9, 31}, {3, 1000}, {33, 257}, {4, 9001}, {1, 40000}, {0, 5}
        }) {
            for (double p : new double[] {0, 0.5, 1}) {
                DropPath layer = new DropPath(p);
                compare(dtype, shape, layer::forward, layer.with(REFERENCE)::forward, "samples");
                DropPath batch = new DropPath(p, DropPath.Mode.BATCH, layer.scaling());
                compare(dtype, shape, batch::forward, batch.with(REFERENCE)::forward, "batch");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void channels(DType dtype) {
        for (Channels channels : Channels.values()) {
            for (long[] shape : new long[][] {
                {2, 3, 50}, {1, 700, 9}, {3, 5, 1}, {2, 2, 2}, {4, 40, 33}, {2, 3, 1500}
            }) {
                Dropout1d layer = new Dropout1d(0.4, channels, Scaling.IN_TRAINING);
                compare(
                        dtype, shape, layer::forward, layer.with(REFERENCE)::forward,
                        "channels " + channels);
            }
        }
    }

    @FunctionalInterface
    private interface Forward {
        void run(Tensor x, Tensor y, PhiloxState state, long start);
    }

    private static void compare(
            DType dtype, long[] shape, Forward cuda, Forward reference, String what) {
        Tensor x = Device.values(dtype, 11, shape);
        for (long start : new long[] {0, 13, 1L << 50}) {
            Tensor wanted = Device.values(dtype, 2, shape);
            reference.run(x, wanted, STATE, start);
            try (Arena arena = Arena.ofConfined()) {
                Tensor in = Device.upload(arena, x);
                Tensor out = Device.upload(arena, x);
                cuda.run(in, out, STATE, start);
                String where = dtype + " " + x + " by " + what + " from " + start;
                Patterns.assertEqual(dtype, wanted.segment(), Device.download(out), where);
                cuda.run(in, in, STATE, start);
                Patterns.assertEqual(
                        dtype, wanted.segment(), Device.download(in), where + ", in place");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void alpha(DType dtype) {
        for (double p : new double[] {0, 0.3, 1}) {
            for (long[] shape : new long[][] {{1, 5000}, {5, 7, 30}}) {
                AlphaDropout elements = new AlphaDropout(p);
                compare(
                        dtype, shape, elements::forward, elements.with(REFERENCE)::forward,
                        "alpha " + p);
                compare(
                        dtype, shape, elements::backward, elements.with(REFERENCE)::backward,
                        "alpha's gradient " + p);
                FeatureAlphaDropout features = new FeatureAlphaDropout(p);
                compare(
                        dtype, shape, features::forward, features.with(REFERENCE)::forward,
                        "alpha of features " + p);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void storedMasks(DType dtype) {
        Dropout elements = new Dropout(0.2);
        DropPath samples = new DropPath(0.5);
        try (Arena arena = Arena.ofConfined()) {
            for (long[] shape : new long[][] {{1, 5000}, {333, 3}, {7, 1030}}) {
                Tensor x = Device.values(dtype, 21, shape);
                long units = x.size() + 9;
                Mask hostMask = Mask.allocate(arena, units);
                Masks.draw(hostMask, 0.2, STATE, 5, REFERENCE);
                Mask mask = Device.first().allocateMask(arena, units);
                mask.copyFrom(hostMask);
                for (long start : new long[] {0, 1, 8, 9}) {
                    Tensor in = Device.upload(arena, x);
                    Tensor wanted = Device.values(dtype, 1, shape);
                    long size = x.size();
                    elements.with(REFERENCE)
                            .forward(x.reshape(size), wanted.reshape(size), hostMask, start);
                    elements.forward(in.reshape(size), in.reshape(size), mask, start);
                    Patterns.assertEqual(
                            dtype, wanted.segment(), Device.download(in), x + " from bit " + start);
                    in.copyFrom(x);
                    samples.with(REFERENCE).forward(x, wanted, hostMask, start);
                    samples.forward(in, in, mask, start);
                    Patterns.assertEqual(
                            dtype, wanted.segment(), Device.download(in), x + " by sample " + start);
                }
            }
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
        for (double p : new double[] {0, 0.1, 0.5, 0.999}) {
            Tensor wanted = Tensor.of(new short[1 << 16], dtype, 1 << 16);
            Dropout layer = new Dropout(p);
            layer.with(REFERENCE).forward(Tensor.of(all, dtype, all.length), wanted, STATE);
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = Device.upload(arena, Tensor.of(all, dtype, all.length));
                layer.forward(x, x, STATE);
                Patterns.assertEqual(dtype, wanted.segment(), Device.download(x), "p = " + p);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void sharding(DType dtype) {
        long size = 10_000;
        Dropout layer = new Dropout(0.3);
        Tensor x = Device.values(dtype, 31, size);
        try (Arena arena = Arena.ofConfined()) {
            Tensor whole = Device.upload(arena, x);
            layer.forward(whole, whole, STATE, 40);
            for (long cut : new long[] {1, 3, 512, 1000, 4096, 9999}) {
                Tensor cutUp = Device.upload(arena, x);
                layer.forward(cutUp.slice(0, cut), cutUp.slice(0, cut), STATE, 40);
                layer.forward(cutUp.slice(cut, size), cutUp.slice(cut, size), STATE, 40 + cut);
                Patterns.assertEqual(
                        dtype, Device.download(whole), Device.download(cutUp), "cut at " + cut);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void inferenceAndNoiseShapes(DType dtype) {
        Tensor x = Device.values(dtype, 41, 6, 5, 7, 4);
        try (Arena arena = Arena.ofConfined()) {
            Tensor in = Device.upload(arena, x);
            Tensor out = Device.upload(arena, Device.values(dtype, 1, 6, 5, 7, 4));
            new Dropout(0.3).infer(in, out);
            Patterns.assertEqual(dtype, x.segment(), Device.download(out), "identity");
            for (long[] noise : new long[][] {{6, 1, 7, 1}, {1, 5, 1, 4}, {1, 1, 7, 4}}) {
                Dropout layer = new Dropout(0.3, Scaling.IN_TRAINING, Units.noiseShape(noise));
                Tensor wanted = Device.values(dtype, 1, 6, 5, 7, 4);
                layer.with(REFERENCE).forward(x, wanted, STATE);
                layer.forward(in, out, STATE);
                Patterns.assertEqual(
                        dtype, wanted.segment(), Device.download(out),
                        Arrays.toString(noise));
            }
        }
    }
}
