package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each operand in turn, in memory that the host's kernels cannot access: a refusal names it. */
class ForeignMemoryTest {
    private static final PhiloxState STATE = new PhiloxState(3, 4);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    /** Neither the host's memory nor a CUDA device's. */
    private static final Location ELSEWHERE =
            new Location(false) {
                @Override
                protected void copy(
                        MemorySegment from,
                        Location fromLocation,
                        MemorySegment to,
                        Location toLocation,
                        long bytes) {
                    throw new AssertionError("copied");
                }

                @Override
                public String toString() {
                    return "elsewhere";
                }
            };

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.CatalogueTest#layers")
    void isRefusedByEveryPass(LayerType type) {
        long[] shape = CatalogueTest.shape(type);
        Layer layer =
                CatalogueTest.random(type, new SplittableRandom(1), shape).with(REFERENCE);
        for (Pass pass : type.passes()) {
            MaskSource source = pass.sources().isEmpty() ? null : STATE;
            for (int foreign = 0; foreign < pass.operands().size(); foreign++) {
                Tensor[] operands = operands(pass, layer, shape);
                operands[foreign] = elsewhere(operands[foreign]);
                String name = pass.operands().get(foreign).name();
                refuses(
                        layer instanceof ResidualLayer && name.equals("y") ? "out" : name,
                        () -> pass.call().run(layer, operands, source, Shard.WHOLE));
            }
            if (pass.sources().contains(Pass.Source.MASK)) {
                Tensor x = Tensor.allocate(arena, DType.FLOAT32, shape);
                Mask mask = elsewhere(layer.mask(arena, x, STATE));
                Tensor[] operands = operands(pass, layer, shape);
                refuses(
                        "mask",
                        () -> pass.call().run(layer, operands, mask, Shard.WHOLE));
                refuses("mask", () -> layer.mask(arena, x, mask));
            }
        }
    }

    private Tensor[] operands(Pass pass, Layer layer, long[] shape) {
        return pass.operands().stream()
                .map(operand -> operand.extents().of(layer, shape))
                .map(extents -> Tensor.allocate(arena, DType.FLOAT32, extents))
                .toArray(Tensor[]::new);
    }

    @Test
    void isRefusedByWhatIsNoPass() {
        Tensor all = Tensor.allocate(arena, DType.FLOAT32, 4, 3);
        Tensor some = Tensor.allocate(arena, DType.FLOAT32, 2, 3);
        KeptSamples kept = KeptSamples.of(4, 2, 1, 3).with(REFERENCE);
        refuses("x", () -> kept.gather(elsewhere(all), some));
        refuses("rows", () -> kept.gather(all, elsewhere(some)));
        refuses("residual", () -> kept.scatterAdd(some, elsewhere(all)));
        refuses("branch", () -> kept.scatterAdd(elsewhere(some), all));
        Mask mask = Mask.allocate(arena, 12);
        refuses("mask", () -> Masks.draw(elsewhere(mask), 0.5, STATE, 0, REFERENCE));
        Zoneout zoneout = new Zoneout(0.5).with(REFERENCE);
        Tensor dx = Tensor.allocate(arena, DType.FLOAT32, 4, 3);
        Tensor dprevious = Tensor.allocate(arena, DType.FLOAT32, 4, 3);
        refuses("dx", () -> zoneout.backward(all, elsewhere(dx), dprevious, STATE));
        refuses("dprevious", () -> zoneout.backward(all, dx, elsewhere(dprevious), STATE));
        assertEquals(
                "factors is in elsewhere, allowed is host memory",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Masks.factors(elsewhere(all), 0.5, 2, STATE, 0, REFERENCE))
                        .getMessage());
    }

    private static Tensor elsewhere(Tensor tensor) {
        return Tensor.at(ELSEWHERE, MemorySegment.NULL, tensor.dtype(), tensor.shape());
    }

    private static Mask elsewhere(Mask mask) {
        return Mask.at(ELSEWHERE, MemorySegment.NULL, mask.units());
    }

    private static void refuses(String name, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertEquals(
                name + " is in elsewhere, which reference/java cannot access; allowed is host memory",
                message);
    }
}
