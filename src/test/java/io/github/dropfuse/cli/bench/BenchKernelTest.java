package io.github.dropfuse.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.layer.Zoneout;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That what is timed under a name is what the name says, on every backend. */
class BenchKernelTest {
    private static final long ELEMENTS = 2 * 197 * 768;
    private static final PhiloxState STATE = new PhiloxState(42, 7);
    private static final Arena ARENA = Arena.ofAuto();
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    private static List<BenchKernel> kernels() {
        return BenchKernel.all();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void computesWhatItIsCalled(BenchKernel kernel) {
        try (Arena arena = Arena.ofShared()) {
            Tensor x = tensor(arena, 251);
            Tensor residual = tensor(arena, 113);
            Tensor expected = Tensor.allocate(arena, DType.FLOAT32, ELEMENTS);
            Tensor vector = ones(arena, 768);
            Mask bits = Mask.allocate(arena, ELEMENTS);
            expect(kernel, x, residual, vector, expected, bits);
            for (Backend backend : Backends.all()) {
                for (boolean inPlace : kernel.places(ELEMENTS)) {
                    String what = backend + (inPlace ? " in place" : " apart");
                    Tensor y = Tensor.allocate(arena, DType.FLOAT32, ELEMENTS);
                    if (inPlace) {
                        y.copyFrom(kernel.adds() ? residual : x);
                    }
                    Tensor v = ones(arena, 768);
                    Mask mask = Mask.allocate(arena, ELEMENTS);
                    BenchTensors tensors =
                            new BenchTensors(x, y, residual, arena, length -> v, units -> mask)
                                    .forKernel(kernel, inPlace);
                    Execution execution = Execution.automatic().on(backend);
                    kernel.on(tensors, kernel.p(), execution).accept(STATE);
                    assertEquals(-1, expected.segment().mismatch(y.segment()), what);
                    assertEquals(-1, vector.segment().mismatch(v.segment()), what);
                    assertEquals(-1, bits.segment().mismatch(mask.segment()), what);
                }
            }
        }
    }

    private static Tensor tensor(Arena arena, int modulus) {
        Tensor x = Tensor.allocate(arena, DType.FLOAT32, ELEMENTS);
        for (long e = 0; e < ELEMENTS; e++) {
            x.set(e, e % modulus - modulus / 2);
        }
        return x;
    }

    private static Tensor ones(Arena arena, long length) {
        Tensor ones = Tensor.allocate(arena, DType.FLOAT32, length);
        for (long e = 0; e < length; e++) {
            ones.set(e, 1);
        }
        return ones;
    }

    /** What each kernel computes, where there is another way in that way. */
    private static void expect(
            BenchKernel kernel, Tensor x, Tensor residual, Tensor v, Tensor y, Mask bits) {
        Dropout dropout = new Dropout(0.1).with(REFERENCE);
        DropPath path = new DropPath(0.5).with(REFERENCE);
        Tensor xs = x.reshape(2, 197, 768);
        Tensor ys = y.reshape(2, 197, 768);
        Tensor others = residual.reshape(2, 197, 768);
        if (kernel.adds()) {
            y.copyFrom(residual);
        }
        switch (kernel.name()) {
            case "forward" -> dropout.forward(x, y, STATE);
            case "backward" -> dropout.backward(x, y, STATE);
            case "stored-mask" -> dropout.forward(x, y, BenchKernel.STORED);
            case "mask" -> Masks.draw(bits, 0.1, STATE, 0, REFERENCE);
            case "droppath" -> path.forward(xs, ys, STATE);
            case "channels-first" -> units(x, y, Units.noiseShape(-1, -1, 1, 1), 64, 16, 16);
            case "channels-last" -> units(x, y, Units.noiseShape(-1, 1, 1, 64), 16, 16, 64);
            case "noise-shape" -> units(x, y, Units.channels(1, Channels.LAST), 16, 1024);
            case "alphadropout" -> new AlphaDropout(0.1).with(REFERENCE).forward(x, y, STATE);
            case "gaussiandropout" -> new GaussianDropout(0.1).with(REFERENCE).forward(x, y, STATE);
            case "gaussiannoise" -> new GaussianNoise(0.1).with(REFERENCE).forward(x, y, STATE);
            case "dropoutadd" -> new DropoutAdd(dropout).forward(xs, v, ys, ys, STATE);
            case "zoneout" -> new Zoneout(0.1).with(REFERENCE).forward(x, y, STATE);
            case "bias-gradient" -> new DropoutAdd(dropout).biasGradient(xs, v, STATE);
            case "droppathadd", "droppathadd-gamma" -> {
                KeptSamples kept = KeptSamples.drawn(path, 2, STATE);
                Tensor rows = Tensor.allocate(ARENA, DType.FLOAT32, kept.count(), 197, 768);
                kept.gather(xs, rows);
                kept.scatterAdd(rows, ys);
            }
            case "gamma-gradient" -> new DropPathAdd(path).gammaGradient(xs, others, v, STATE);
            case "gather" -> {
                long at = KeptSamples.fixed(path, 2, STATE).indices()[0];
                ys.slice(0, 1).copyFrom(xs.slice(at, at + 1));
            }
            case "scatter-add" -> {
                long at = KeptSamples.fixed(path, 2, STATE).indices()[0];
                Tensor one = ys.slice(at, at + 1);
                Mask kept = Mask.allocate(ARENA, 1);
                kept.set(0, true);
                new DropPathAdd(path).forward(xs.slice(0, 1), null, one, one, kept);
            }
            case "tokendrop" -> {
                TokenDrop drop = new TokenDrop(0.5, 1).with(REFERENCE);
                Tensor kept = y.slice(0, 2 * 99 * 768).reshape(2, 99, 768);
                drop.forward(xs, kept, drop.indices(2, 197, STATE));
            }
            case "dropblock" -> {
                DropBlock block = new DropBlock(2, 0.1, 7).with(REFERENCE);
                block.forward(images(x, 64, 16, 16), images(y, 64, 16, 16), STATE);
            }
            case "pytorch-rand" -> dropout.forward(x, y, torch(TorchStream.RAND));
            case "pytorch-dropout" -> dropout.forward(x, y, torch(TorchStream.DROPOUT));
            default -> throw new AssertionError("nothing is expected of " + kernel);
        }
    }

    private static TorchCall torch(TorchStream stream) {
        return TorchGenerator.seeded(42).next(stream);
    }

    private static void units(Tensor x, Tensor y, Units units, long... sample) {
        new Dropout(0.1, Scaling.IN_TRAINING, units)
                .with(REFERENCE)
                .forward(images(x, sample), images(y, sample), STATE);
    }

    private static Tensor images(Tensor x, long... sample) {
        long count = x.size() >> 14;
        return x.slice(0, count << 14)
                .reshape(
                        LongStream.concat(LongStream.of(count), LongStream.of(sample)).toArray());
    }
}
