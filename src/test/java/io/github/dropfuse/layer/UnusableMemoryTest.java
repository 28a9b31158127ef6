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
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each operand in turn, in memory that cannot be used: a device's, closed, or read-only. It is
 * refused before anything is written.
 */
class UnusableMemoryTest {
    private static final String LAYERS = "io.github.dropfuse.layer.CatalogueTest#layers";
    private static final PhiloxState STATE = new PhiloxState(3, 4);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());
    private static final byte UNTOUCHED = 0x3A;

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
    @MethodSource(LAYERS)
    void elsewhere(LayerType type) {
        long[] shape = CatalogueTest.shape(type);
        eachOperand(
                type, shape, UnusableMemoryTest::elsewhere,
                (operand, call) -> refusesElsewhere(operand.name(), call));
        eachMask(
                type, shape, UnusableMemoryTest::elsewhere,
                call -> refusesElsewhere("mask", call));
    }

    @ParameterizedTest
    @MethodSource(LAYERS)
    void closed(LayerType type) {
        long[] empty = CatalogueTest.shape(type);
        empty[0] = 0;
        for (long[] shape : List.of(CatalogueTest.shape(type), empty)) {
            eachOperand(
                    type, shape, UnusableMemoryTest::closed,
                    (operand, call) -> assertThrows(IllegalStateException.class, call));
            eachMask(
                    type, shape, UnusableMemoryTest::closed,
                    call -> assertThrows(IllegalStateException.class, call));
        }
    }

    @ParameterizedTest
    @MethodSource(LAYERS)
    void readOnly(LayerType type) {
        eachOperand(
                type, CatalogueTest.shape(type), UnusableMemoryTest::readOnly,
                (operand, call) -> {
                    if (operand.written()) {
                        refuses(operand.name() + " is read-only, it has to be writable", call);
                    }
                });
    }

    @FunctionalInterface
    private interface Refusal {
        void check(Executable call);
    }

    /** Gives calls with one operand after the other changed. */
    private void eachOperand(
            LayerType type,
            long[] shape,
            UnaryOperator<Tensor> change,
            BiConsumer<Operand, Executable> refusal) {
        Layer layer = layer(type);
        for (Pass pass : type.passes()) {
            MaskSource source = pass.sources().isEmpty() ? null : STATE;
            for (int i = 0; i < pass.operands().size(); i++) {
                Tensor[] operands = operands(pass, layer, shape);
                Tensor usable = operands[i];
                operands[i] = change.apply(usable);
                refusal.accept(
                        named(layer, pass.operands().get(i)),
                        () -> pass.call().run(layer, operands, source, Shard.WHOLE));
                operands[i] = usable;
                assertUntouched(operands);
            }
        }
    }

    /** What the output is called in a residual layer's method of four tensors. */
    private static Operand named(Layer layer, Operand operand) {
        return layer instanceof ResidualLayer && operand.name().equals("y")
                ? Operand.output("out")
                : operand;
    }

    /** Gives calls whose mask is changed. */
    private void eachMask(
            LayerType type, long[] shape, UnaryOperator<Mask> change, Refusal refusal) {
        Layer layer = layer(type);
        for (Pass pass : type.passes()) {
            if (pass.sources().contains(Pass.Source.MASK)) {
                Tensor[] operands = operands(pass, layer, shape);
                Tensor x = Tensor.allocate(arena, DType.FLOAT32, shape);
                Mask mask = change.apply(layer.mask(arena, x, STATE));
                refusal.check(() -> pass.call().run(layer, operands, mask, Shard.WHOLE));
                refusal.check(() -> layer.mask(arena, x, mask));
                assertUntouched(operands);
            }
        }
    }

    private static Layer layer(LayerType type) {
        SplittableRandom random = new SplittableRandom(1);
        return CatalogueTest.random(type, random, CatalogueTest.shape(type)).with(REFERENCE);
    }

    private Tensor[] operands(Pass pass, Layer layer, long[] shape) {
        return pass.operands().stream()
                .map(operand -> operand.extents().of(layer, shape))
                .map(extents -> untouched(extents))
                .toArray(Tensor[]::new);
    }

    private Tensor untouched(long... shape) {
        Tensor tensor = Tensor.allocate(arena, DType.FLOAT32, shape);
        tensor.segment().fill(UNTOUCHED);
        return tensor;
    }

    private static void assertUntouched(Tensor... operands) {
        for (Tensor operand : operands) {
            Patterns.assertFilled(operand.segment(), UNTOUCHED, "operand");
        }
    }

    @Test
    void whatIsNoPass() {
        Tensor all = untouched(4, 3);
        Tensor some = untouched(2, 3);
        Tensor none = untouched(0, 3);
        KeptSamples kept = KeptSamples.of(4, 2, 1, 3).with(REFERENCE);
        refusesElsewhere("x", () -> kept.gather(elsewhere(all), some));
        refusesElsewhere("rows", () -> kept.gather(all, elsewhere(some)));
        refusesElsewhere("residual", () -> kept.scatterAdd(some, elsewhere(all)));
        refusesElsewhere("branch", () -> kept.scatterAdd(elsewhere(some), all));
        refuses("rows is read-only, it has to be writable", () -> kept.gather(all, readOnly(some)));
        refuses("dx is read-only, it has to be writable",
                () -> kept.gatherBackward(some, readOnly(all)));
        KeptSamples empty = KeptSamples.of(4, 2).with(REFERENCE);
        assertThrows(IllegalStateException.class, () -> empty.gather(closed(all), none));
        assertThrows(IllegalStateException.class, () -> empty.gather(all, closed(none)));

        Mask mask = Mask.allocate(arena, 12);
        refusesElsewhere("mask", () -> Masks.draw(elsewhere(mask), 0.5, STATE, 0, REFERENCE));
        Mask noUnits = closed(Mask.allocate(arena, 0));
        assertThrows(
                IllegalStateException.class, () -> Masks.draw(noUnits, 0.5, STATE, 0, REFERENCE));

        Tensor tokens = untouched(2, 2, 3);
        TokenDrop drop = new TokenDrop(0.5, 0).with(REFERENCE);
        refusesElsewhere("x", () -> drop.infer(elsewhere(tokens), tokens));
        refusesElsewhere("y", () -> drop.infer(tokens, elsewhere(tokens)));

        DropPath path = new DropPath(0.5).with(REFERENCE);
        assertThrows(IllegalStateException.class, () -> KeptSamples.drawn(path, 0, noUnits));

        Zoneout zoneout = new Zoneout(0.5).with(REFERENCE);
        Tensor dx = untouched(4, 3);
        Tensor dprevious = untouched(4, 3);
        refusesElsewhere("dx", () -> zoneout.backward(all, elsewhere(dx), dprevious, STATE));
        refusesElsewhere("dprevious", () -> zoneout.backward(all, dx, elsewhere(dprevious), STATE));
        refuses("dprevious overlaps dx; allowed is memory apart",
                () -> zoneout.backward(all, dx, dx, STATE));

        refuses("factors is in elsewhere, allowed is host memory",
                () -> Masks.factors(elsewhere(all), 0.5, 2, STATE, 0, REFERENCE));
        refuses("factors is read-only, it has to be writable",
                () -> Masks.factors(readOnly(all), 0.5, 2, STATE, 0, REFERENCE));
        refuses("p is 2.0, allowed are 0 to 1",
                () -> Masks.factors(all, 2, 2, STATE, 0, REFERENCE));
        refuses(
                "start is 18446744073709551605, with 12 units allowed are 0 to"
                        + " 18446744073709551604",
                () -> Masks.factors(all, 0.5, 2, STATE, -11, REFERENCE));
        assertThrows(
                IllegalStateException.class,
                () -> Masks.factors(closed(none), 0.5, 2, STATE, 0, REFERENCE));
        assertUntouched(all, some, dx, dprevious);
    }

    /** Memory elsewhere has addresses only, and its segments no bytes. */
    @Test
    void overlapsElsewhere() {
        Dropout dropout = new Dropout(0.5).with(REFERENCE);
        for (int distance : new int[] {-31, -4, 4, 31}) {
            refuses(
                    "y overlaps x in part; allowed are the same memory and memory apart",
                    () -> dropout.forward(at(4096), at(4096 + distance), STATE));
        }
        for (int distance : new int[] {-32, 0, 32}) {
            refusesElsewhere(
                    "x", () -> dropout.forward(at(4096), at(4096 + distance), STATE));
        }
    }

    private static Tensor at(long address) {
        return Tensor.at(ELSEWHERE, MemorySegment.ofAddress(address), DType.FLOAT32, 8);
    }

    @Test
    void anotherThreadsMemoryOfNoBytes() throws InterruptedException {
        Tensor foreign = untouched(0);
        Dropout dropout = new Dropout(0.5).with(REFERENCE);
        Throwable[] thrown = new Throwable[1];
        Thread other = new Thread(() -> dropout.forward(foreign, foreign, STATE));
        other.setUncaughtExceptionHandler((thread, e) -> thrown[0] = e);
        other.start();
        other.join();
        assertEquals(WrongThreadException.class, thrown[0].getClass());
    }

    private static Tensor elsewhere(Tensor tensor) {
        return Tensor.at(ELSEWHERE, MemorySegment.NULL, tensor.dtype(), tensor.shape());
    }

    private static Mask elsewhere(Mask mask) {
        return Mask.at(ELSEWHERE, MemorySegment.NULL, mask.units());
    }

    private static Tensor closed(Tensor tensor) {
        try (Arena other = Arena.ofConfined()) {
            return Tensor.allocate(other, tensor.dtype(), tensor.shape());
        }
    }

    private static Mask closed(Mask mask) {
        try (Arena other = Arena.ofConfined()) {
            return Mask.allocate(other, mask.units());
        }
    }

    private static Tensor readOnly(Tensor tensor) {
        return Tensor.of(tensor.segment().asReadOnly(), tensor.dtype(), tensor.shape());
    }

    private static void refusesElsewhere(String name, Executable call) {
        refuses(
                name + " is in elsewhere, which reference/java cannot access; allowed is host"
                        + " memory",
                call);
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
