package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.layer.Zoneout;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device gives the reference's bits for Zoneout. */
@CudaTest
class CudaZoneoutTest {
    private static final PhiloxState STATE = new PhiloxState(0x1234_5678_9ABC_DEF0L, 1L << 33);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());
    private static final long[][] SHAPES = {{1}, {40, 3}, {3, 4100}, {2, 9, 1000}, {0, 5}};

    /** Where the output goes. */
    private enum Output {
        APART, X, PREVIOUS
    }

    /** A call of a layer, whose last tensor is the output. */
    @FunctionalInterface
    private interface Form {
        void run(Zoneout layer, Tensor x, Tensor previous, Tensor y, MaskSource source, long start);
    }

    private static void compare(
            Form form, Zoneout layer, DType dtype, long[] shape, MaskSource near, MaskSource far,
            long start, boolean exact) {
        Tensor x = Device.values(dtype, 1, shape);
        Tensor previous = Device.values(dtype, 2, shape);
        Tensor wanted = Device.values(dtype, 3, shape);
        form.run(layer.with(REFERENCE), x, previous, wanted, near, start);
        for (Output output : Output.values()) {
            try (Arena arena = Arena.ofConfined()) {
                Tensor in = Device.upload(arena, x);
                Tensor before = Device.upload(arena, previous);
                Tensor y =
                        switch (output) {
                            case APART -> Device.upload(arena, x);
                            case X -> in;
                            case PREVIOUS -> before;
                        };
                form.run(layer, in, before, y, far, start);
                same(wanted, y, exact, layer + " " + x + " from " + start + ", output " + output);
            }
        }
    }

    /** Every bit where there is no arithmetic; else NaNs may differ. */
    private static void same(Tensor wanted, Tensor far, boolean exact, String what) {
        Tensor got = Tensor.of(Device.download(far), wanted.dtype(), wanted.shape());
        Patterns.assertEqual(wanted.dtype(), wanted.segment(), got.segment(), what);
        if (exact) {
            assertEquals(-1, wanted.segment().mismatch(got.segment()), what);
        }
    }

    private static void compareAll(
            Zoneout layer, DType dtype, long[] shape, MaskSource near, MaskSource far, long start) {
        compare(
                (on, x, previous, y, source, from) -> on.forward(x, previous, y, source, from),
                layer, dtype, shape, near, far, start, true);
        compare(
                (on, x, previous, y, source, from) -> on.backward(x, y, source, from), layer,
                dtype, shape, near, far, start, true);
        compare(
                (on, x, previous, y, source, from) -> on.backward(previous, null, y, source, from),
                layer, dtype, shape, near, far, start, true);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void elements(DType dtype) {
        for (double p : new double[] {0, 0.3, 1}) {
            for (long[] shape : SHAPES) {
                for (long start : new long[] {0, 13, 1L << 50}) {
                    compareAll(new Zoneout(p), dtype, shape, STATE, STATE, start);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void rows(DType dtype) {
        Zoneout layer = new Zoneout(0.5, Units.noiseShape(-1, 1));
        for (long[] shape : new long[][] {{40, 3}, {9, 65}, {5, 20_000}}) {
            compareAll(layer, dtype, shape, STATE, STATE, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void storedMasks(DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor like = Device.values(dtype, 1, 40_000);
            Mask near = new Zoneout(0.4).with(REFERENCE).mask(arena, like, STATE);
            Mask far = Device.first().allocateMask(arena, 40_000);
            far.copyFrom(near);
            for (long[] shape : SHAPES) {
                for (long start : new long[] {0, 1}) {
                    compareAll(new Zoneout(0.4), dtype, shape, near, far, start);
                }
            }
            compareAll(
                    new Zoneout(0.4, Units.noiseShape(-1, 1)), dtype, new long[] {40, 3}, near,
                    far, 3);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void inference(DType dtype) {
        for (double p : new double[] {0, 0.15, 1}) {
            for (long[] shape : SHAPES) {
                compare(
                        (on, x, previous, y, source, start) -> on.infer(x, previous, y),
                        new Zoneout(p), dtype, shape, STATE, STATE, 0, p == 0 || p == 1);
            }
        }
    }

    /** Slices that begin anywhere, as a box of larger tensors and for both gradients at once. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void placesAndBoxes(DType dtype) {
        Zoneout layer = new Zoneout(0.4);
        Shard shard = Shard.of(new long[] {90, 300}, 7, 100);
        long size = 40 * 96;
        Tensor x = Device.values(dtype, 1, size + 16);
        Tensor previous = Device.values(dtype, 2, size + 16);
        for (int[] at : new int[][] {{0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {0, 0, 3}, {3, 3, 3}}) {
            Tensor wanted = Device.values(dtype, 3, size + 16);
            Tensor wantedToo = Device.values(dtype, 4, size + 16);
            String what = dtype + " at " + Arrays.toString(at);
            try (Arena arena = Arena.ofConfined()) {
                Tensor y = Device.upload(arena, wanted);
                Tensor z = Device.upload(arena, wantedToo);
                Tensor farX = Device.upload(arena, x);
                Tensor farPrevious = Device.upload(arena, previous);
                layer.with(REFERENCE)
                        .forward(at(at[0], x), at(at[1], previous), at(at[2], wanted), STATE, shard);
                layer.forward(at(at[0], farX), at(at[1], farPrevious), at(at[2], y), STATE, shard);
                same(wanted, y, true, what);
                layer.with(REFERENCE)
                        .backward(at(at[0], x), at(at[1], wanted), at(at[2], wantedToo), STATE);
                layer.backward(at(at[0], farX), at(at[1], y), at(at[2], z), STATE);
                same(wanted, y, true, what + ", dx");
                same(wantedToo, z, true, what + ", dprevious");
                layer.with(REFERENCE).infer(at(at[0], x), at(at[1], previous), at(at[2], wanted));
                layer.infer(at(at[0], farX), at(at[1], farPrevious), at(at[2], y));
                same(wanted, y, false, what + ", inference");
            }
        }
    }

    private static Tensor at(int from, Tensor tensor) {
        return tensor.slice(from, from + tensor.size() - 16).reshape(40, 96);
    }

    @Test
    void onAStream() {
        Tensor x = Device.values(DType.FLOAT32, 1, 50, 96);
        Tensor wanted = Device.values(DType.FLOAT32, 2, 50, 96);
        new Zoneout(0.2).with(REFERENCE).forward(x, wanted, STATE);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = Device.first().createStream()) {
            Tensor y = Device.upload(arena, Device.values(DType.FLOAT32, 2, 50, 96));
            new Zoneout(0.2)
                    .with(Execution.automatic().on(stream))
                    .forward(Device.upload(arena, x), y, STATE);
            stream.synchronize();
            same(wanted, y, true, "on a stream");
        }
    }

    private static void refused(String name, Executable call) {
        assertEquals(
                name + " is in host memory, which " + Backends.require("cuda")
                        + " cannot access; allowed is the device's or pinned memory",
                assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void mixedMemory() {
        Zoneout layer = new Zoneout(0.5);
        try (Arena arena = Arena.ofConfined()) {
            Tensor far = Device.first().allocate(arena, DType.FLOAT32, 8, 4);
            Tensor near = Tensor.allocate(arena, DType.FLOAT32, 8, 4);
            Mask mask = Mask.allocate(arena, 32);
            refused("x", () -> layer.forward(near, far, far, STATE));
            refused("previous", () -> layer.forward(far, near, far, STATE));
            refused("mask", () -> layer.forward(far, far, far, mask));
            refused("dx", () -> layer.backward(far, near, STATE));
            refused("dprevious", () -> layer.backward(far, null, near, STATE));
        }
    }
}
