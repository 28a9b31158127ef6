package io.github.dropfuse.bytedeco;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.FeatureAlphaDropout;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.Units;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Output and gradient have the bits of the layer on plain arrays, for tensors of any kind. */
class BitsTest {
    private static final PhiloxState STATE = Generator.seeded(42).next();

    /** What a layer does here and on plain arrays. */
    record Case(String name, Apply apply, Pass forward, Pass backward, long... shape) {
        @Override
        public String toString() {
            return name + " " + Arrays.toString(shape);
        }
    }

    interface Apply {
        Tensor to(Tensor x);
    }

    interface Pass {
        void run(io.github.dropfuse.Tensor x, io.github.dropfuse.Tensor y);
    }

    /** How a tensor lies in memory. */
    enum Kind {
        CONTIGUOUS,
        TRANSPOSED,
        /** Every second row of a larger tensor. */
        STRIDED,
        CHANNELS_LAST;

        Tensor make(io.github.dropfuse.Tensor from) {
            Tensor x = Plain.torch(from);
            return switch (this) {
                case CONTIGUOUS -> x;
                case TRANSPOSED -> x.dim() < 2 ? x : x.transpose(0, 1).contiguous().transpose(0, 1);
                case STRIDED -> {
                    if (x.dim() == 0) {
                        yield x;
                    }
                    LongOptional first = new LongOptional(0);
                    Tensor twice = x.repeat_interleave(2, first, new LongOptional());
                    yield twice.slice(0, first, new LongOptional(), 2);
                }
                case CHANNELS_LAST -> x.dim() == 4 ? x.contiguous(MemoryFormat.ChannelsLast) : x;
            };
        }
    }

    private static Case of(Layer layer, long... shape) {
        return new Case(
                layer.toString(),
                x -> Drop.apply(layer, x, STATE),
                (x, y) -> layer.forward(x, y, STATE),
                (dy, dx) -> layer.backward(dy, dx, STATE),
                shape);
    }

    static List<Case> cases() {
        DropBlock block = new DropBlock(2, 0.3, 3);
        GaussianDropout gaussian = new GaussianDropout(0.3);
        GaussianNoise noise = new GaussianNoise(0.3);
        return List.of(
                of(new Dropout(0.3), 7, 33),
                of(new Dropout(0.3)),
                of(new Dropout(0.3), 0, 4),
                of(new Dropout(0.3), 5),
                of(new Dropout(0), 7, 33),
                of(new Dropout(1), 7, 33),
                of(new Dropout(0.3, Scaling.AT_INFERENCE), 7, 33),
                of(new Dropout(0.3, Scaling.IN_TRAINING, Units.noiseShape(-1, 1, 5)), 4, 6, 5),
                of(new Dropout1d(0.3), 4, 5, 7),
                of(new Dropout2d(0.3), 4, 5, 3, 2),
                of(new Dropout2d(0.3, Channels.LAST, Scaling.IN_TRAINING), 4, 5, 3, 2),
                of(new Dropout3d(0.3), 4, 5, 2, 3, 2),
                of(new DropPath(0.3), 17, 4, 3),
                of(new DropPath(0.3, DropPath.Mode.BATCH, Scaling.NONE), 17, 4),
                of(new AlphaDropout(0.3), 7, 33),
                of(new FeatureAlphaDropout(0.3, 2, Channels.FIRST), 4, 5, 3, 2),
                of(new Dropout(0.3).with(Execution.automatic().sequential()), 64, 4096),
                of(new Dropout(0.3), 64, 4096),
                new Case(
                        "DropBlock",
                        x -> Drop.apply(block, x, STATE),
                        (x, y) -> block.forward(x, y, STATE),
                        (dy, dx) -> block.backward(dy, dx, STATE),
                        2, 3, 8, 8),
                new Case(
                        "GaussianDropout",
                        x -> Drop.apply(gaussian, x, STATE),
                        (x, y) -> gaussian.forward(x, y, STATE),
                        (dy, dx) -> gaussian.backward(dy, dx, STATE),
                        7, 33),
                new Case(
                        "GaussianNoise",
                        x -> Drop.apply(noise, x, STATE),
                        (x, y) -> noise.forward(x, y, STATE),
                        (dy, dx) -> noise.backward(dy, dx),
                        7, 33));
    }

    static List<Object[]> kinds() {
        List<Object[]> kinds = new ArrayList<>();
        for (Case of : cases()) {
            for (DType type : DType.values()) {
                for (Kind kind : Kind.values()) {
                    kinds.add(new Object[] {of, type, kind});
                }
            }
        }
        return kinds;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void outputAndGradientHaveTheBitsOfPlainArrays(Case of, DType type, Kind kind) {
        io.github.dropfuse.Tensor plain = Plain.random(1, type, of.shape());
        io.github.dropfuse.Tensor y = Plain.zeros(type, of.shape());
        io.github.dropfuse.Tensor dy = Plain.random(2, type, of.shape());
        io.github.dropfuse.Tensor dx = Plain.zeros(type, of.shape());
        of.forward().run(plain, y);
        of.backward().run(dy, dx);
        try (PointerScope scope = new PointerScope()) {
            Tensor x = kind.make(plain);
            try (NoGradGuard off = new NoGradGuard()) {
                Tensor out = of.apply().to(x);
                assertArrayEquals(Plain.bits(y), Plain.bits(out), "not recorded");
                assertFalse(out.requires_grad());
            }
            x.set_requires_grad(true);
            Tensor out = of.apply().to(x);
            assertTrue(out.requires_grad());
            assertTrue(out.is_contiguous());
            assertArrayEquals(of.shape(), Shapes.of(out));
            assertArrayEquals(Plain.bits(y), Plain.bits(out));
            assertArrayEquals(Plain.bits(plain), Plain.bits(x), "the input");
            Gradients.backward(out, kind.make(dy));
            assertArrayEquals(Plain.bits(dx), Plain.bits(x.grad()));
        }
    }

    @Test
    void aStoredMaskIsASourceToo() {
        Dropout dropout = new Dropout(0.3);
        io.github.dropfuse.Tensor plain = Plain.random(1, DType.FLOAT32, 8, 8);
        io.github.dropfuse.Tensor y = Plain.zeros(DType.FLOAT32, 8, 8);
        dropout.forward(plain, y, STATE);
        try (Arena arena = Arena.ofConfined();
                PointerScope scope = new PointerScope()) {
            Mask mask = dropout.mask(arena, plain, STATE);
            assertArrayEquals(
                    Plain.bits(y), Plain.bits(Drop.apply(dropout, Plain.torch(plain), mask)));
        }
    }

    @Test
    void atInferenceMostLayersGiveTheirInput() {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = Plain.torch(Plain.random(1, DType.FLOAT32, 8, 8)).set_requires_grad(true);
            assertSame(x, Drop.infer(new Dropout(0.3), x));
            assertSame(x, Drop.infer(new AlphaDropout(0.3), x));
            Tensor half = Drop.infer(new Dropout(0.5, Scaling.AT_INFERENCE), x);
            half.sum().backward();
            assertEquals(32, x.grad().sum().item_float());
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void whereALayerScalesAtInferenceTheBitsAreThoseOfPlainArrays(DType type) {
        Dropout dropout = new Dropout(0.3, Scaling.AT_INFERENCE);
        io.github.dropfuse.Tensor plain = Plain.random(1, type, 8, 8);
        io.github.dropfuse.Tensor y = Plain.zeros(type, 8, 8);
        io.github.dropfuse.Tensor dy = Plain.random(2, type, 8, 8);
        io.github.dropfuse.Tensor dx = Plain.zeros(type, 8, 8);
        dropout.infer(plain, y);
        dropout.infer(dy, dx);
        try (PointerScope scope = new PointerScope()) {
            for (Kind kind : Kind.values()) {
                Tensor x = kind.make(plain);
                try (NoGradGuard off = new NoGradGuard()) {
                    assertArrayEquals(Plain.bits(y), Plain.bits(Drop.infer(dropout, x)));
                }
                Tensor out = Drop.infer(dropout, x.set_requires_grad(true));
                assertArrayEquals(Plain.bits(y), Plain.bits(out));
                Gradients.backward(out, kind.make(dy));
                assertArrayEquals(Plain.bits(dx), Plain.bits(x.grad()));
            }
        }
    }
}
