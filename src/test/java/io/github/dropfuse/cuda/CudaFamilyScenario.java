package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.function.BiConsumer;

/** As {@link CudaScenario}, with the layers that draw and move more than decisions. */
public final class CudaFamilyScenario {
    private static final PhiloxState STATE = new PhiloxState(42, 0);

    private CudaFamilyScenario() {}

    public static void main(String[] arguments) {
        CudaScenario.attempts(CudaFamilyScenario::everything);
    }

    private static void everything(CudaDevice device) {
        Tensor x = Device.values(DType.FLOAT32, 1, 2, 6, 12, 20);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = device.createStream()) {
            Execution on = Execution.automatic().on(stream);
            Tensor y = Device.upload(arena, x);
            GaussianNoise noise = new GaussianNoise(0.5);
            equal(x, y, stream, (in, here) -> noise.with(here).forward(in, in, STATE), on);
            Dropout dropout = new Dropout(0.5);
            equal(
                    x, y, stream,
                    (in, here) ->
                            dropout.with(here)
                                    .forward(in, in, TorchGenerator.seeded(1).next(TorchStream.RAND)),
                    on);
            DropBlock blocks = new DropBlock(2, 0.3, 3).with(DropBlock.Factor.REALISED);
            equal(x, y, stream, (in, here) -> blocks.with(here).forward(in, in, STATE), on);
            KeptSamples kept = KeptSamples.of(3, 0.5, 2, 0);
            equal(
                    x, y, stream,
                    (in, here) -> {
                        Tensor rows = in.reshape(6, 480);
                        kept.with(here).scatterAdd(rows.slice(0, 2), rows.slice(3, 6));
                    },
                    on);
            TokenDrop tokens = new TokenDrop(0.5, 0);
            equal(
                    x, y, stream,
                    (in, here) -> {
                        Tensor rows = in.reshape(6, 8, 60);
                        tokens.with(here)
                                .backward(
                                        rows.slice(0, 1).reshape(2, 4, 60),
                                        rows.slice(2, 4),
                                        tokens.indices(2, 8, STATE));
                    },
                    on);
            pinned(device, arena, x);
        }
    }

    /** Pinned memory beside a device's: what a call does to it is in the order of the device's work. */
    private static void pinned(CudaDevice device, Arena arena, Tensor x) {
        TokenDrop tokens = new TokenDrop(0.5, 0);
        long[] indices = tokens.indices(6, 4, STATE);
        Tensor dy = x.reshape(24, 6, 20).slice(0, 6).reshape(6, 2, 60);
        Tensor wanted = Device.values(DType.FLOAT32, 3, 6, 4, 60);
        tokens.backward(dy, wanted, indices);
        Tensor dx = device.allocatePinned(arena, DType.FLOAT32, 6, 4, 60);
        dx.segment().fill((byte) 1);
        tokens.backward(Device.upload(arena, dy), dx, indices);
        device.synchronize();
        Patterns.assertEqual(DType.FLOAT32, wanted.segment(), dx.segment(), "pinned, dx");

        Mask far = device.allocateMask(arena, 64);
        Masks.draw(far, 0.5, STATE, 0);
        Tensor memory = device.allocatePinned(arena, DType.FLOAT64, 1);
        Mask mask = Mask.at(memory.location(), memory.segment(), 64);
        mask.copyFrom(far);
        DropPath path = new DropPath(0.5);
        if (!Arrays.equals(
                KeptSamples.drawn(path, 64, STATE).indices(),
                KeptSamples.drawn(path, 64, mask).indices())) {
            throw new AssertionError("other samples are kept");
        }
    }

    /** A device's tensor becomes what a host's does. */
    private static void equal(
            Tensor x,
            Tensor far,
            CudaStream stream,
            BiConsumer<Tensor, Execution> call,
            Execution on) {
        Tensor near = Device.values(DType.FLOAT32, 1, x.shape());
        far.copyFrom(x);
        call.accept(near, Execution.automatic());
        call.accept(far, on);
        stream.synchronize();
        Patterns.assertEqual(DType.FLOAT32, near.segment(), Device.download(far), "in the scenario");
    }
}
