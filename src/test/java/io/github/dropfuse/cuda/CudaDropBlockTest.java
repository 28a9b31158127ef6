package io.github.dropfuse.cuda;

import static io.github.dropfuse.cuda.CudaPlacementTest.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** DropBlock on a device: the reference's masks and values. */
@CudaTest
class CudaDropBlockTest {
    private static final PhiloxState STATE = new PhiloxState(12, 34);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    static List<long[]> shapes() {
        return List.of(
                new long[] {3, 5, 9, 11},
                new long[] {2, 3, 7, 7},
                new long[] {1, 1, 3, 70},
                new long[] {2, 1, 70, 3},
                new long[] {2, 3, 1, 1},
                new long[] {1, 2, 130, 150},
                new long[] {5, 7, 32, 32},
                new long[] {40, 3, 13, 65},
                new long[] {2, 2, 5, 6, 7},
                new long[] {1, 3, 40, 35, 37});
    }

    private static List<DropBlock> layers(long[] shape, double p) {
        List<DropBlock> layers = new ArrayList<>();
        long least = Arrays.stream(shape).skip(2).min().orElseThrow();
        for (int side : new int[] {1, 2, 3, 4, 5, 7, 8, 17, 32, 33, 34, 35, 64, 66, 67, 100, 130}) {
            if (side <= least) {
                for (DropBlock.Centres centres : DropBlock.Centres.values()) {
                    layers.add(new DropBlock(shape.length - 2, p, side).with(centres));
                }
            }
        }
        return layers;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void masks(long[] shape) {
        Tensor x = Device.values(DType.FLOAT16, 1, shape);
        double[] extremes = {0, 0.3, 1};
        for (double p : shape[1] == 5 ? extremes : new double[] {0.3}) {
            for (DropBlock layer : layers(shape, p)) {
                for (boolean shared : new boolean[] {false, true}) {
                    DropBlock on = layer.sharedByChannels(shared);
                    try (Arena arena = Arena.ofConfined()) {
                        Tensor far = Device.upload(arena, x);
                        Mask mask = on.mask(arena, far, STATE, 5);
                        assertEquals(Device.first().location(), mask.location());
                        assertArrayEquals(
                                on.with(REFERENCE).mask(arena, x, STATE, 5)
                                        .segment().toArray(ValueLayout.JAVA_BYTE),
                                Device.download(mask),
                                on + " " + Arrays.toString(shape));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void values(DType dtype) {
        for (long[] shape : new long[][] {{3, 5, 9, 11}, {2, 2, 5, 6, 7}, {1, 4, 64, 64}}) {
            Tensor x = Device.values(dtype, 3, shape);
            for (DropBlock.Factor factor : DropBlock.Factor.values()) {
                for (boolean shared : new boolean[] {false, true}) {
                    DropBlock layer =
                            new DropBlock(shape.length - 2, 0.3, 3)
                                    .with(factor)
                                    .sharedByChannels(shared);
                    DropBlock reference = layer.with(REFERENCE);
                    Tensor wanted = Device.values(dtype, 1, shape);
                    reference.forward(x, wanted, STATE, 2);
                    String what = layer + " of " + x;
                    try (Arena arena = Arena.ofConfined()) {
                        Fenced in = Fenced.upload(arena, x, 0);
                        Fenced out = Fenced.upload(arena, x, dtype.byteSize());
                        layer.forward(in.tensor(), out.tensor(), STATE, 2);
                        out.holds(wanted, what);
                        Mask mask = layer.mask(arena, in.tensor(), STATE, 2);
                        layer.forward(in.tensor(), out.tensor(), mask);
                        out.holds(wanted, what + ", stored");
                        layer.backward(in.tensor(), in.tensor(), STATE, 2);
                        in.holds(wanted, what + ", in place");
                    }
                }
            }
        }
    }

    @Test
    void onAStream() {
        Tensor x = Device.values(DType.FLOAT32, 8, 2, 8, 28, 28);
        Tensor wanted = Device.values(DType.FLOAT32, 1, 2, 8, 28, 28);
        DropBlock layer = new DropBlock(2, 0.2, 7);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = Device.first().createStream()) {
            for (DropBlock.Factor factor : DropBlock.Factor.values()) {
                layer.with(factor).with(REFERENCE).forward(x, wanted, STATE);
                DropBlock on = layer.with(factor).with(Execution.automatic().on(stream));
                Tensor y = Device.upload(arena, x);
                on.forward(y, y, STATE);
                stream.synchronize();
                Patterns.assertEqual(
                        DType.FLOAT32, wanted.segment(), Device.download(y), on.toString());
                Tensor pinned = Device.first().allocatePinned(arena, DType.FLOAT32, x.shape());
                pinned.copyFrom(x);
                on.forward(pinned, pinned, STATE);
                stream.synchronize();
                Patterns.assertEqual(
                        DType.FLOAT32, wanted.segment(), pinned.segment(), on + ", pinned");
                on.infer(pinned, y);
                stream.synchronize();
                Patterns.assertEqual(DType.FLOAT32, wanted.segment(), Device.download(y), "infer");
            }
        }
    }

    @Test
    void wrongPlaces() {
        String sm = Backends.require("cuda").toString();
        String tail = ", which " + sm + " cannot access; allowed is the device's or pinned memory";
        DropBlock layer = new DropBlock(2, 0.2, 2);
        try (Arena arena = Arena.ofConfined()) {
            Tensor near = Tensor.allocate(arena, DType.FLOAT32, 1, 1, 4, 4);
            Tensor far = Device.upload(arena, near);
            Mask nearMask = layer.mask(arena, near, STATE);
            Mask farMask = layer.mask(arena, far, STATE);
            refused("y is in host memory" + tail, () -> layer.forward(far, near, STATE));
            refused("dy is in host memory" + tail, () -> layer.backward(near, far, STATE));
            refused("x is in host memory" + tail, () -> layer.infer(near, far));
            refused("mask is in host memory" + tail, () -> layer.forward(far, far, nearMask));
            String reached = " cannot access; allowed is host memory";
            String host = Backends.automatic() + reached;
            refused(
                    "mask is in memory of cuda:0, which " + host,
                    () -> layer.forward(near, near, farMask));
            refused(
                    "x is in memory of cuda:0, which reference/java" + reached,
                    () -> layer.with(REFERENCE).forward(far, far, STATE));
        }
    }
}
