package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
