package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the library refuses, past the checks of the layers, becomes an exception with its words. */
class NativeErrorsTest {
    private static final byte UNTOUCHED = 0x3C;
    private static final PhiloxState STATE = new PhiloxState(0, 0);

    private NativeKernels kernels;

    @BeforeEach
    void isBuilt() {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        assertTrue(NativeLibrary.get().source().isPresent());
        kernels = NativeKernels.of(dropfuse_h.DROPFUSE_TIER_SCALAR());
    }

    @Test
    void anInvalidArgument() {
        for (MemorySegment memory :
                List.of(MemorySegment.ofArray(new byte[100]), Arena.ofAuto().allocate(100))) {
            memory.fill(UNTOUCHED);
            Tensor x = Tensor.of(memory, DType.FLOAT32, 25);
            DropfuseException e =
                    assertThrows(
                            DropfuseException.class,
                            () ->
                                    kernels.mask(
                                            2, STATE, Layout.ELEMENTS, Mask.of(memory, 800),
                                            new Range(0, 64)));
            assertEquals("dropfuse_mask", e.function());
            assertEquals(1, e.code());
            assertEquals("DROPFUSE_INVALID_ARGUMENT", e.codeName());
            assertTrue(
                    e.getMessage()
                            .startsWith(
                                    "dropfuse_mask failed with DROPFUSE_INVALID_ARGUMENT (1): p "),
                    e.getMessage());
            e =
                    assertThrows(
                            DropfuseException.class,
                            () ->
                                    kernels.apply(
                                            Effect.drop(0.5, 2), STATE, new Layout(0, 1, 1, 1, 0),
                                            x, null, null, x, Range.ALL));
            assertEquals("dropfuse_drop", e.function());
            assertTrue(e.getMessage().contains("run"), e.getMessage());
            Patterns.assertFilled(memory, UNTOUCHED, "memory");
        }
    }

    @Test
    void eachFunctionIsNamed() {
        Arena arena = Arena.ofAuto();
        Layout none = new Layout(0, 0, 1, 0, 0);
        MemorySegment unaligned = arena.allocate(33, 8).asSlice(1);
        MemorySegment state = arena.allocate(4 * 625, 8);
        state.setAtIndex(ValueLayout.JAVA_INT, 624, 700);
        Mask mask = Mask.allocate(arena, 8);
        Tensor x = Tensor.of(new float[8], 1, 8);
        Tensor vector = Tensor.of(new float[8], 8);
        Tensor y = Tensor.of(new float[8], 1, 8);
        Map<Effect.Form, String> functions =
                Map.of(
                        Effect.Form.DROP, "dropfuse_drop",
                        Effect.Form.BRANCH, "dropfuse_residual",
                        Effect.Form.BIASED_BRANCH, "dropfuse_residual",
                        Effect.Form.SCALED_BRANCH, "dropfuse_residual",
                        Effect.Form.ZONEOUT, "dropfuse_zoneout",
                        Effect.Form.BLEND, "dropfuse_zoneout",
                        Effect.Form.PRODUCT, "dropfuse_product",
                        Effect.Form.ADDED_NOISE, "dropfuse_normal",
                        Effect.Form.MULTIPLIED_NOISE, "dropfuse_normal");
        Effect drop = Effect.drop(0.5, 2);
        for (Effect.Form form : Effect.Form.values()) {
            MaskSource source = form == Effect.Form.PRODUCT ? mask : STATE;
            refuses(
                    functions.get(form),
                    () ->
                            kernels.apply(
                                    drop.as(form), source, none, x, vector, null, y, Range.ALL));
        }
        refuses(
                "dropfuse_sum_rows",
                () -> kernels.sumRows(drop, STATE, none, x, null, y, Range.ALL));
        refuses(
                "dropfuse_sum_tree",
                () -> kernels.sumTree(Tensor.of(unaligned, DType.FLOAT32, 1, 8), y));
        refuses(
                "dropfuse_mersenne_mask",
                () -> kernels.mersenneMask(state, 1, 24, 0, true, mask));
        refuses(
                "dropfuse_rows",
                () -> kernels.rows(RowMove.GATHER, 1, unaligned.asSlice(0, 8), x, y, Range.ALL));
        refuses(
                "dropfuse_blocks",
                () ->
                        kernels.blocks(
                                new BlockShape(new long[] {2, 4}, 0, false), arena.allocate(8, 8),
                                mask, Range.ALL));
    }

    @Test
    void tiersHaveNames() {
        assertEquals("scalar", NativeKernels.tierName(dropfuse_h.DROPFUSE_TIER_SCALAR()));
        assertEquals("neon", NativeKernels.tierName(dropfuse_h.DROPFUSE_TIER_NEON()));
    }

    private static void refuses(String function, Executable call) {
        DropfuseException e = assertThrows(DropfuseException.class, call, function);
        assertEquals(function, e.function());
        assertEquals("DROPFUSE_INVALID_ARGUMENT", e.codeName());
    }

    @Test
    void aTierThatIsNotThere() {
        int missing =
                dropfuse_h.dropfuse_tier_available(dropfuse_h.DROPFUSE_TIER_NEON()) == 1
                        ? dropfuse_h.DROPFUSE_TIER_AVX512()
                        : dropfuse_h.DROPFUSE_TIER_NEON();
        MemorySegment memory = MemorySegment.ofArray(new byte[8]).fill(UNTOUCHED);
        DropfuseException e =
                assertThrows(
                        DropfuseException.class,
                        () ->
                                NativeKernels.of(missing)
                                        .mask(
                                                0.5, STATE, Layout.ELEMENTS, Mask.of(memory, 64),
                                                Range.ALL));
        assertEquals(2, e.code());
        assertEquals("DROPFUSE_UNSUPPORTED", e.codeName());
        assertTrue(e.getMessage().contains(NativeKernels.tierName(missing)), e.getMessage());
        Patterns.assertFilled(memory, UNTOUCHED, "memory");
    }
}
