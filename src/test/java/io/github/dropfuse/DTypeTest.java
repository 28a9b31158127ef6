package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DTypeTest {
    private final MemorySegment memory = MemorySegment.ofArray(new byte[9]);

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, float32, 4, FLOAT32",
        "FLOAT64, float64, 8, FLOAT64",
        "FLOAT16, float16, 2, FLOAT32",
        "BFLOAT16, bfloat16, 2, FLOAT32"
    })
    void namesSizesAndComputeTypes(DType dtype, String name, int size, DType compute) {
        assertEquals(name, dtype.toString());
        assertEquals(size, dtype.byteSize());
        assertEquals(compute, dtype.computesIn());
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void everyPatternReadsAndWritesAsItself(DType dtype) {
        for (int pattern = 0; pattern < 65536; pattern++) {
            Patterns.set(dtype, memory, 0, pattern);
            double value = dtype.get(memory, 0);
            dtype.set(memory, 0, value);
            long written = Patterns.get(dtype, memory, 0);
            if (Patterns.isNaN(dtype, pattern)) {
                assertTrue(Double.isNaN(value));
                assertTrue(Patterns.isNaN(dtype, written));
            } else {
                assertEquals(pattern, written);
            }
        }
    }

    /** Between two neighbours: below the middle, in it, above it; also up to infinity. */
    @ParameterizedTest
    @CsvSource({"FLOAT16, 0x7C00, 65536", "BFLOAT16, 0x7F80, 0x1p128"})
    void roundsToNearestTiesToEven(DType dtype, int infinity, double beyond) {
        for (int pattern = 0; pattern < infinity; pattern++) {
            Patterns.set(dtype, memory, 0, pattern);
            double down = dtype.get(memory, 0);
            Patterns.set(dtype, memory, 0, pattern + 1);
            double up = pattern + 1 == infinity ? beyond : dtype.get(memory, 0);
            float middle = (float) ((down + up) / 2);
            assertEquals((down + up) / 2, middle);
            int even = pattern % 2 == 0 ? pattern : pattern + 1;
            for (int sign = 0; sign <= 0x8000; sign += 0x8000) {
                float signed = sign == 0 ? middle : -middle;
                assertEquals(even | sign, rounded(dtype, signed));
                assertEquals(pattern | sign, rounded(dtype, towardsZero(signed)));
                assertEquals(pattern + 1 | sign, rounded(dtype, awayFromZero(signed)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void elementsMayBeginAnywhere(DType dtype) {
        dtype.set(memory, 1, -1.5);
        assertEquals(-1.5, dtype.get(memory, 1));
    }

    @Test
    void aFloat64IsRoundedToFloat32First() {
        double justAboveTheMiddle = 1 + 0x1p-8 + 0x1p-40;
        DType.BFLOAT16.set(memory, 0, justAboveTheMiddle);
        assertEquals(1.0, DType.BFLOAT16.get(memory, 0));
        DType.FLOAT32.set(memory, 0, 0.1);
        assertEquals((double) 0.1f, DType.FLOAT32.get(memory, 0));
    }

    @Test
    void bfloat16KeepsNaNsWhosePayloadIsInTheLowerHalf() {
        for (int bits : new int[] {0x7F800001, 0xFF800001, 0x7FFFFFFF, 0xFFFFFFFF, 0x7F80FFFF}) {
            short pattern = DType.floatToBfloat16(Float.intBitsToFloat(bits));
            assertTrue(Float.isNaN(DType.bfloat16ToFloat(pattern)), Integer.toHexString(bits));
            assertEquals(bits < 0, pattern < 0);
        }
    }

    private long rounded(DType dtype, float value) {
        dtype.set(memory, 0, value);
        return Patterns.get(dtype, memory, 0);
    }

    private static float towardsZero(float value) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(value) - 1);
    }

    private static float awayFromZero(float value) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(value) + 1);
    }
}
