package io.github.dropfuse.cuda;

import static io.github.dropfuse.cuda.CudaPlacementTest.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.testing.MaskVectors;
import io.github.dropfuse.testing.TorchVectors;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch's own masks and products for tensors of a device. */
@CudaTest
class CudaTorchTest {
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    static List<TorchVectors.Case> recorded() {
        return TorchVectors.all();
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void givesWhatPytorchGave(TorchVectors.Case recorded) {
        double p = recorded.p();
        ScaledDropout layer = recorded.isDropPath() ? new DropPath(p) : new Dropout(p);
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, recorded.dtype(), recorded.shape());
            recorded.fill(x);
            Tensor in = Device.upload(arena, x);
            Tensor out = Device.upload(arena, x);
            TorchGenerator generator = TorchGenerator.seeded(recorded.manualSeed());
            for (int call = 0; call < recorded.calls(); call++) {
                layer.forward(in, out, generator.next(recorded.stream()));
            }
            assertEquals(recorded.sha256(), MaskVectors.sha256(Device.download(out)));
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void followsTheReference(DType dtype) {
        for (TorchStream stream : TorchStream.values()) {
            for (double p : new double[] {0, 0x1p-30, 0.3, 1 - 0x1p-20, 1}) {
                for (long size : new long[] {0, 1, 9, 127, 1025, 4099}) {
                    compare(dtype, stream, p, Units.elements(), size);
                }
                compare(dtype, stream, p, Units.samples(), 31, 2, 67);
                compare(dtype, stream, p, Units.samples(), 3, 4096);
                compare(dtype, stream, p, Units.channels(), 3, 41, 2, 5);
                compare(dtype, stream, p, Units.channels(2, Channels.LAST), 2, 5, 3, 41);
                compare(dtype, stream, p, Units.noiseShape(3, 1, 5, 1), 3, 2, 5, 4);
            }
        }
    }

    private static void compare(
            DType dtype, TorchStream stream, double p, Units units, long... shape) {
        Tensor x = Device.values(dtype, 4, shape);
        Dropout layer = new Dropout(p, Scaling.IN_TRAINING, units);
        Dropout reference = layer.with(REFERENCE);
        TorchState before = TorchGenerator.seeded(77).state();
        TorchGenerator generator = TorchGenerator.from(before);
        Tensor wanted = Device.values(dtype, 1, shape);
        reference.forward(x, wanted, generator.next(stream));
        TorchState after = generator.state();
        int size = dtype.byteSize();
        for (int[] at : new int[][] {{0, 0}, {size, size}, {0, size}, {3, 3}}) {
            String what = stream + " p = " + p + " " + x + " of " + units + " at " + at[0];
            try (Arena arena = Arena.ofConfined()) {
                Fenced in = Fenced.upload(arena, x, at[0]);
                Fenced out = Fenced.upload(arena, Device.values(dtype, 2, shape), at[1]);
                generator.restore(before);
                layer.forward(in.tensor(), out.tensor(), generator.next(stream));
                assertEquals(after, generator.state(), what);
                out.holds(wanted, what);
                layer.backward(in.tensor(), in.tensor(), TorchCall.of(before, stream));
                in.holds(wanted, what + ", in place");
            }
        }
    }

    /** Every pattern of the 16-bit types, kept and dropped. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void allPatterns(DType dtype) {
        short[] all = new short[1 << 16];
        for (int i = 0; i < all.length; i++) {
            all[i] = (short) i;
        }
        Tensor x = Tensor.of(all, dtype, all.length);
        for (double p : new double[] {0.1, 0.5, 0.999}) {
            for (TorchStream stream : TorchStream.values()) {
                Dropout layer = new Dropout(p);
                Tensor wanted = Tensor.of(new short[1 << 16], dtype, 1 << 16);
                layer.with(REFERENCE).forward(x, wanted, TorchGenerator.seeded(3).next(stream));
                try (Arena arena = Arena.ofConfined()) {
                    Fenced y = Fenced.upload(arena, x, 0);
                    layer.forward(y.tensor(), y.tensor(), TorchGenerator.seeded(3).next(stream));
                    y.holds(wanted, stream + " p = " + p);
                }
            }
        }
    }

    @Test
    void onAStream() {
        Tensor x = Device.values(DType.FLOAT32, 8, 5000);
        Tensor wanted = Device.values(DType.FLOAT32, 1, 5000);
        Dropout layer = new Dropout(0.4);
        layer.forward(x, wanted, TorchGenerator.seeded(5).next(TorchStream.DROPOUT));
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = Device.first().createStream()) {
            Fenced y = Fenced.upload(arena, x, 0);
            Dropout on = layer.with(Execution.automatic().on(stream));
            on.forward(y.tensor(), y.tensor(), TorchGenerator.seeded(5).next(TorchStream.DROPOUT));
            stream.synchronize();
            y.holds(wanted, "on a stream");
            Tensor pinned = Device.first().allocatePinned(arena, DType.FLOAT32, 5000);
            pinned.copyFrom(x);
            on.forward(pinned, y.tensor(), TorchGenerator.seeded(5).next(TorchStream.DROPOUT));
            stream.synchronize();
            y.holds(wanted, "from pinned memory");
        }
    }

    /** A mask that PyTorch would draw is where its tensor is, as any layer's. */
    @Test
    void masks() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Device.values(DType.FLOAT64, 1, 1001);
            Tensor far = Device.upload(arena, x);
            for (TorchStream stream : TorchStream.values()) {
                Dropout layer = new Dropout(0.4);
                Mask mask = layer.mask(arena, far, TorchGenerator.seeded(9).next(stream));
                Mask wanted =
                        layer.with(REFERENCE).mask(arena, x, TorchGenerator.seeded(9).next(stream));
                assertEquals(far.location(), mask.location());
                assertArrayEquals(
                        wanted.segment().toArray(ValueLayout.JAVA_BYTE), Device.download(mask));
            }
        }
    }

    @Test
    void wrongPlaces() {
        Dropout layer = new Dropout(0.5);
        TorchGenerator generator = TorchGenerator.seeded(1);
        TorchState before = generator.state();
        String tail = " cannot access; allowed is the device's or pinned memory";
        try (Arena arena = Arena.ofConfined()) {
            Tensor far = Device.upload(arena, Device.values(DType.FLOAT32, 1, 8));
            Tensor near = Tensor.allocate(arena, DType.FLOAT32, 8);
            String sm = Backends.require("cuda").toString();
            for (TorchStream stream : TorchStream.values()) {
                refused(
                        "y is in host memory, which " + sm + tail,
                        () -> layer.forward(far, near, generator.next(stream)));
                refused(
                        "dy is in host memory, which " + sm + tail,
                        () -> layer.backward(near, far, TorchCall.of(before, stream)));
                refused(
                        "x is in memory of cuda:0, which reference/java cannot access; allowed is"
                                + " host memory",
                        () -> layer.with(REFERENCE).forward(far, far, generator.next(stream)));
            }
            assertEquals(before, generator.state());
        }
    }
}
