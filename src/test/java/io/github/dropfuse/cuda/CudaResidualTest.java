package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device gives the reference's bits for residual forms. */
@CudaTest
class CudaResidualTest {
    private static final PhiloxState STATE = new PhiloxState(0x1234_5678_9ABC_DEF0L, 1L << 33);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());
    private static final long[][] SHAPES = {
        {1}, {7, 1}, {40, 3}, {3, 4100}, {5, 4, 64}, {9, 65}, {2, 9, 1000}, {65, 128}, {0, 5}
    };

    /** Where the output goes. */
    private enum Output {
        APART, RESIDUAL, BRANCH
    }

    @FunctionalInterface
    private interface Form {
        void run(Tensor x, Tensor vector, Tensor residual, Tensor out, MaskSource source, long start);
    }

    private static void compare(
            DType dtype, long[] shape, Form cuda, Form reference, MaskSource near, MaskSource far,
            long start, String what) {
        long length = shape[shape.length - 1];
        Tensor x = Device.values(dtype, 1, shape);
        Tensor vector = Device.values(dtype, 2, length);
        Tensor residual = Device.values(dtype, 3, shape);
        for (Tensor v : new Tensor[] {vector, null}) {
            Tensor wanted = Device.values(dtype, 4, shape);
            reference.run(x, v, residual, wanted, near, start);
            for (Output output : Output.values()) {
                try (Arena arena = Arena.ofConfined()) {
                    Tensor in = Device.upload(arena, x);
                    Tensor added = Device.upload(arena, residual);
                    Tensor out =
                            switch (output) {
                                case APART -> Device.upload(arena, x);
                                case RESIDUAL -> added;
                                case BRANCH -> in;
                            };
                    cuda.run(in, v == null ? null : Device.upload(arena, v), added, out, far, start);
                    Patterns.assertEqual(
                            dtype, wanted.segment(), Device.download(out),
                            what + " " + x + (v == null ? "" : " and a vector") + " from " + start
                                    + ", output " + output);
                }
            }
        }
    }

    static DropoutAdd onReference(DropoutAdd layer) {
        return new DropoutAdd(layer.dropout().with(REFERENCE));
    }

    static DropPathAdd onReference(DropPathAdd layer) {
        return new DropPathAdd(layer.dropPath().with(REFERENCE));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void elements(DType dtype) {
        for (double p : new double[] {0, 0.3, 1}) {
            DropoutAdd layer = new DropoutAdd(new Dropout(p));
            for (long[] shape : SHAPES) {
                for (long start : new long[] {0, 4, 13, 1L << 50}) {
                    compare(
                            dtype, shape, layer::forward, onReference(layer)::forward, STATE, STATE,
                            start, layer.toString());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void samples(DType dtype) {
        for (DropPath.Mode mode : DropPath.Mode.values()) {
            for (double p : new double[] {0, 0.5, 1}) {
                DropPathAdd layer =
                        new DropPathAdd(new DropPath(p, mode, Scaling.IN_TRAINING));
                DropPathAdd reference = onReference(layer);
                for (long[] shape : SHAPES) {
                    for (long start : new long[] {0, 1L << 50}) {
                        compare(
                                dtype, shape, layer::forward, reference::forward, STATE, STATE,
                                start, layer.toString());
                        compare(
                                dtype, shape,
                                (x, v, r, out, source, from) ->
                                        layer.backward(x, v, out, source, from),
                                (x, v, r, out, source, from) ->
                                        reference.backward(x, v, out, source, from),
                                STATE, STATE, start, layer + " backward");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void storedMasks(DType dtype) {
        DropoutAdd elements = new DropoutAdd(new Dropout(0.4));
        DropPathAdd samples = new DropPathAdd(new DropPath(0.5));
        try (Arena arena = Arena.ofConfined()) {
            Mask near = Mask.allocate(arena, 200_000);
            Masks.draw(near, 0.4, STATE, 5, REFERENCE);
            Mask far = Device.first().allocateMask(arena, 200_000);
            far.copyFrom(near);
            for (long[] shape : SHAPES) {
                for (long start : new long[] {0, 8, 9}) {
                    compare(
                            dtype, shape, elements::forward, onReference(elements)::forward, near,
                            far, start, "elements of a mask");
                    compare(
                            dtype, shape, samples::forward, onReference(samples)::forward, near,
                            far, start, "samples of a mask");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void inference(DType dtype) {
        DropoutAdd added = new DropoutAdd(new Dropout(0.4));
        DropPathAdd scaled =
                new DropPathAdd(new DropPath(0.4, DropPath.Mode.ROW, Scaling.AT_INFERENCE));
        for (long[] shape : SHAPES) {
            compare(
                    dtype, shape, (x, v, r, out, source, from) -> added.infer(x, v, r, out),
                    (x, v, r, out, source, from) -> onReference(added).infer(x, v, r, out), STATE,
                    STATE, 0, "inference of " + added);
            compare(
                    dtype, shape, (x, v, r, out, source, from) -> scaled.infer(x, v, r, out),
                    (x, v, r, out, source, from) -> onReference(scaled).infer(x, v, r, out), STATE,
                    STATE, 0, "inference of " + scaled);
        }
    }

    /** Slices begin anywhere, and what lies around them stays as it was. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void places(DType dtype) {
        long size = 40 * 96;
        DropoutAdd elements = new DropoutAdd(new Dropout(0.4));
        DropPathAdd samples = new DropPathAdd(new DropPath(0.4));
        Tensor x = Device.values(dtype, 1, size + 16);
        Tensor vector = Device.values(dtype, 2, 96 + 16);
        Tensor residual = Device.values(dtype, 3, size + 16);
        try (Arena arena = Arena.ofConfined()) {
            Tensor farX = Device.upload(arena, x);
            Tensor farVector = Device.upload(arena, vector);
            Tensor farResidual = Device.upload(arena, residual);
            for (int[] at : new int[][] {
                {0, 0, 0, 0}, {4, 4, 4, 4}, {0, 1, 0, 0}, {0, 0, 1, 0}, {1, 0, 0, 0}, {0, 0, 0, 3},
                {3, 3, 3, 3}, {8, 0, 8, 8}
            }) {
                for (boolean bySample : new boolean[] {false, true}) {
                    Tensor wanted = Device.values(dtype, 4, size + 16);
                    Tensor out = Device.upload(arena, wanted);
                    Form cuda = bySample ? samples::forward : elements::forward;
                    Form reference =
                            bySample ? onReference(samples)::forward : onReference(elements)::forward;
                    run(reference, at, x, vector, residual, wanted);
                    run(cuda, at, farX, farVector, farResidual, out);
                    Patterns.assertEqual(
                            dtype, wanted.segment(), Device.download(out),
                            dtype + " at " + Arrays.toString(at) + ", samples " + bySample);
                }
            }
        }
    }

    private static void run(
            Form form, int[] at, Tensor x, Tensor vector, Tensor residual, Tensor out) {
        long size = x.size() - 16;
        form.run(
                x.slice(at[0], at[0] + size).reshape(40, 96), vector.slice(at[1], at[1] + 96),
                residual.slice(at[2], at[2] + size).reshape(40, 96),
                out.slice(at[3], at[3] + size).reshape(40, 96), STATE, at[3]);
    }

    /** A vector and tensors that begin at any byte. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void bytes(DType dtype) {
        DropoutAdd layer = new DropoutAdd(new Dropout(0.4));
        Tensor x = Device.values(dtype, 1, 20, 100);
        Tensor vector = Device.values(dtype, 2, 100);
        Tensor residual = Device.values(dtype, 3, 20, 100);
        Tensor wanted = Device.values(dtype, 4, 20, 100);
        onReference(layer).forward(x, vector, residual, wanted, STATE);
        try (Arena arena = Arena.ofConfined()) {
            for (int at : new int[] {1, 2, 3}) {
                Tensor farVector = atByte(arena, at, vector);
                Tensor in = Device.upload(arena, x);
                Tensor out = Device.upload(arena, residual);
                layer.forward(in, farVector, out, out, STATE);
                Patterns.assertEqual(
                        dtype, wanted.segment(), Device.download(out), "vector at byte " + at);
                out = atByte(arena, at, residual);
                layer.forward(in, farVector, out, out, STATE);
                Patterns.assertEqual(
                        dtype, wanted.segment(), Device.download(out), "all at byte " + at);
                Tensor sums = atByte(arena, at, vector);
                Tensor wantedSums = Device.values(dtype, 5, 100);
                onReference(layer).biasGradient(residual, wantedSums, STATE);
                layer.biasGradient(atByte(arena, at, residual), sums, STATE);
                Patterns.assertEqual(
                        dtype, wantedSums.segment(), Device.download(sums), "sums at byte " + at);
            }
        }
    }

    private static Tensor atByte(Arena arena, int at, Tensor host) {
        Tensor space = Device.first().allocate(arena, DType.FLOAT64, host.size() + 1);
        MemorySegment odd = space.address().reinterpret(space.byteSize()).asSlice(at, 0);
        Tensor tensor = Device.first().view(odd, host.dtype(), host.shape());
        tensor.copyFrom(host);
        return tensor;
    }

    /** Dropped elements are the residual's own bits, those of signalling NaNs too. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void droppedElementsKeepTheResidualsBits(DType dtype) {
        Tensor x = Device.values(dtype, 1, 40, 100);
        Tensor residual = Device.values(dtype, 3, 40, 100);
        Mask elements = new Dropout(0.5).with(REFERENCE).mask(Arena.ofAuto(), x, STATE);
        Mask samples = new DropPath(0.5).with(REFERENCE).mask(Arena.ofAuto(), x, STATE);
        try (Arena arena = Arena.ofConfined()) {
            Tensor in = Device.upload(arena, x);
            for (boolean inPlace : new boolean[] {false, true}) {
                Tensor r = Device.upload(arena, residual);
                Tensor out = inPlace ? r : Device.upload(arena, x);
                new DropoutAdd(new Dropout(0.5)).forward(in, null, r, out, STATE);
                sameBits(elements, 1, residual, Device.download(out));
                r.copyFrom(residual);
                new DropPathAdd(new DropPath(0.5)).forward(in, null, r, out, STATE);
                sameBits(samples, 100, residual, Device.download(out));
            }
        }
    }

    private static void sameBits(Mask mask, long run, Tensor residual, MemorySegment out) {
        for (long e = 0; e < residual.size(); e++) {
            if (!mask.keeps(e / run)) {
                assertEquals(
                        Patterns.get(residual.dtype(), residual.segment(), e),
                        Patterns.get(residual.dtype(), out, e), "element " + e);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void onAStream(DType dtype) {
        Tensor x = Device.values(dtype, 1, 50, 96);
        Tensor wanted = Device.values(dtype, 2, 50, 96);
        Tensor wantedSums = Device.values(dtype, 3, 96);
        DropoutAdd layer = new DropoutAdd(new Dropout(0.2));
        onReference(layer).forward(x, null, x, wanted, STATE);
        onReference(layer).biasGradient(x, wantedSums, STATE);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = Device.first().createStream()) {
            DropoutAdd onStream =
                    new DropoutAdd(layer.dropout().with(Execution.automatic().on(stream)));
            Tensor in = Device.upload(arena, x);
            Tensor out = Device.upload(arena, x);
            Tensor sums = Device.first().allocatePinned(arena, dtype, 96);
            onStream.forward(in, null, in, out, STATE);
            onStream.biasGradient(in, sums, STATE);
            stream.synchronize();
            Patterns.assertEqual(dtype, wanted.segment(), Device.download(out), "on a stream");
            Patterns.assertEqual(dtype, wantedSums.segment(), sums.segment(), "sums on a stream");
        }
    }

    /** Memory of the kept samples is enough, as an emulating driver finds; in place of the output too. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void droppedSamplesAreNotTouched(DType dtype) {
        DropPathAdd layer = new DropPathAdd(new DropPath(0.5));
        for (long length : new long[] {96, 5000}) {
            Tensor x = Device.values(dtype, 1, 3, length);
            Tensor wanted = Device.values(dtype, 2, 3, length);
            Tensor wantedSums = Device.values(dtype, 3, length);
            try (Arena arena = Arena.ofConfined()) {
                Mask near = Mask.allocate(arena, 200);
                for (int i = 0; i < 3; i++) {
                    near.set(i, true);
                }
                Mask far = Device.first().allocateMask(arena, 200);
                far.copyFrom(near);
                onReference(layer).forward(x, null, wanted, wanted, near);
                Tensor in = Device.upload(arena, x);
                Tensor out = clearOf(in, arena);
                layer.forward(as200(in), null, as200(out), as200(out), far);
                Patterns.assertEqual(
                        dtype, wanted.segment(), Device.download(out), "rows of " + length);
                onReference(layer).gammaGradient(x, x, wantedSums, near);
                Tensor sums = Device.first().allocate(arena, dtype, length);
                layer.gammaGradient(as200(in), as200(in), sums, far);
                Patterns.assertEqual(
                        dtype, wantedSums.segment(), Device.download(sums), "sums of " + length);
            }
        }
    }

    /** Pattern 2 where 200 samples do not reach those of {@code in}, wherever the driver places memory. */
    private static Tensor clearOf(Tensor in, Arena arena) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            Tensor out =
                    Device.upload(arena, Device.values(in.dtype(), 2, in.extent(0), in.extent(1)));
            long apart = Math.abs(out.address().address() - in.address().address());
            if (apart >= as200(in).byteSize()) {
                return out;
            }
        }
        throw new AssertionError("no memory is far enough from the input");
    }

    private static Tensor as200(Tensor kept) {
        return Device.first().view(kept.address(), kept.dtype(), 200, kept.extent(1));
    }

    private static void refused(String text, Executable call) {
        assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void mixedMemory() {
        String sm = Backends.require("cuda").toString();
        DropoutAdd added = new DropoutAdd(new Dropout(0.5));
        DropPathAdd scaled = new DropPathAdd(new DropPath(0.5));
        Execution onDevice = Execution.automatic().on(Backends.require("cuda:0"));
        DropoutAdd forced = new DropoutAdd(new Dropout(0.5).with(onDevice));
        String allowed = " is in host memory, which " + sm
                + " cannot access; allowed is the device's or pinned memory";
        try (Arena arena = Arena.ofConfined()) {
            Tensor far = Device.first().allocate(arena, DType.FLOAT32, 8, 4);
            Tensor near = Tensor.allocate(arena, DType.FLOAT32, 8, 4);
            Tensor farVector = Device.first().allocate(arena, DType.FLOAT32, 4);
            Tensor nearVector = Tensor.allocate(arena, DType.FLOAT32, 4);
            Mask mask = Mask.allocate(arena, 32);
            refused("x" + allowed, () -> added.forward(near, null, far, far, STATE));
            refused("bias" + allowed, () -> added.forward(far, nearVector, far, far, STATE));
            refused("residual" + allowed, () -> added.forward(far, null, near, far, STATE));
            refused("out" + allowed, () -> forced.forward(far, null, far, near, STATE));
            refused("mask" + allowed, () -> added.forward(far, null, far, far, mask));
            refused("gamma" + allowed, () -> scaled.forward(far, nearVector, far, far, STATE));
            refused("dy" + allowed, () -> scaled.gammaGradient(near, far, farVector, STATE));
            refused("x" + allowed, () -> scaled.gammaGradient(far, near, farVector, STATE));
            refused("mask" + allowed, () -> added.biasGradient(far, farVector, mask));
            refused("dbias" + allowed, () -> forced.biasGradient(far, nearVector, STATE));
            refused(
                    "residual is in memory of cuda:0, which " + Backends.automatic()
                            + " cannot access; allowed is host memory",
                    () -> added.forward(near, null, far, near, STATE));
        }
    }
}
