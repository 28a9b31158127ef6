package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.testing.MaskVectors;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks that a device draws are the contract's. */
@CudaTest
class CudaContractTest {
    static List<MaskVectors.Case> vectors() {
        return MaskVectors.all();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void knownAnswers(MaskVectors.Case c) {
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = Device.first().allocateMask(arena, c.count());
            Masks.draw(mask, c.p(), new PhiloxState(c.seed(), c.offset()), c.start());
            byte[] bits = Device.download(mask);
            assertEquals(c.sha256(), MaskVectors.sha256(MemorySegment.ofArray(bits)));
            Mask host = Mask.of(MemorySegment.ofArray(bits), c.count());
            assertEquals(c.kept(), host.kept());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 5, 8, 31, 512, 1000, 1023, 1024, (1L << 44) + 8, -3000, -2999})
    void everyStart(long start) {
        PhiloxState state = new PhiloxState(-7, Long.MAX_VALUE);
        try (Arena arena = Arena.ofConfined()) {
            for (int count : new int[] {0, 1, 7, 8, 9, 33, 511, 1024, 2999}) {
                Mask mask = Device.first().allocateMask(arena, count);
                Masks.draw(mask, 0.3, state, start);
                assertArrayEquals(
                        Oracle.mask(0.3, -7, Long.MAX_VALUE, start, count),
                        Device.download(mask),
                        () -> count + " units");
            }
        }
    }

    /** So many units that some hundreds of them need their second draw. */
    @Test
    void secondDraws() {
        int count = 200_000;
        for (double p : new double[] {0.1, 0.7, 0x1p-30, 1 - 0x1p-30, 0.5 - 0x1p-12, 0, 1}) {
            try (Arena arena = Arena.ofConfined()) {
                Mask mask = Device.first().allocateMask(arena, count);
                Masks.draw(mask, p, new PhiloxState(3, 4), 77);
                assertArrayEquals(
                        Oracle.mask(p, 3, 4, 77, count), Device.download(mask), () -> "p = " + p);
            }
        }
    }
}
