package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class MaskTest {
    @Test
    void countsBitsFromTheLeastSignificantUpward() {
        byte[] bits = {0b0000_0101, (byte) 0b1000_0000, 1};
        Mask mask = Mask.of(MemorySegment.ofArray(bits), 17);
        for (int unit = 0; unit < 17; unit++) {
            boolean expected = unit == 0 || unit == 2 || unit == 15 || unit == 16;
            assertEquals(expected, mask.keeps(unit), "unit " + unit);
        }
        assertEquals(4, mask.kept());
        assertEquals(17, mask.units());
        assertEquals("Mask[17 units, 10100000000000011]", mask.toString());
    }

    @Test
    void sharesItsMemory() {
        byte[] bits = new byte[2];
        Mask mask = Mask.of(MemorySegment.ofArray(bits), 10);
        mask.set(9, true);
        mask.set(1, true);
        assertArrayEquals(new byte[] {2, 2}, bits);
        mask.set(1, false);
        mask.set(2, false);
        assertArrayEquals(new byte[] {0, 2}, bits);
        assertTrue(mask.keeps(9));
    }

    @Test
    void bitsPastTheLastUnitMeanNothing() {
        for (int units : new int[] {1, 7, 8, 63, 64, 65, 127, 130}) {
            byte[] bits = new byte[(units + 7) / 8];
            Arrays.fill(bits, (byte) 0xFF);
            assertEquals(units, Mask.of(MemorySegment.ofArray(bits), units).kept());
        }
    }

    @Test
    void beginsByDroppingEverything() {
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = Mask.allocate(arena, 1000);
            assertEquals(125, mask.segment().byteSize());
            assertEquals(0, mask.kept());
            assertTrue(mask.toString().endsWith("0…]"));
            assertEquals(0, Mask.allocate(arena, 0).units());
            assertEquals("Mask[0 units, ]", Mask.allocate(arena, 0).toString());
        }
    }

    @Test
    void printsWhereItCannotBeRead() {
        Arena arena = Arena.ofConfined();
        Mask mask = Mask.allocate(arena, 8);
        assertEquals(
                "Mask[8 units]", CompletableFuture.supplyAsync(mask::toString).join());
        arena.close();
        assertEquals("Mask[8 units]", mask.toString());
    }

    @Test
    void refusesWhatDoesNotFit() {
        MemorySegment two = MemorySegment.ofArray(new byte[2]);
        var e = assertThrows(IllegalArgumentException.class, () -> Mask.of(two, 17));
        assertEquals("segment has 2 bytes, 17 units need exactly 3", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Mask.of(two, 8));
        e = assertThrows(IllegalArgumentException.class, () -> Mask.of(two, -1));
        assertEquals("units is -1, allowed are 0 to 2^63 - 1", e.getMessage());
        assertThrows(
                IllegalArgumentException.class, () -> Mask.allocate(Arena.ofAuto(), -9));
        Mask mask = Mask.of(two, 10);
        assertThrows(IndexOutOfBoundsException.class, () -> mask.keeps(10));
        assertThrows(IndexOutOfBoundsException.class, () -> mask.keeps(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> mask.set(10, true));
        Mask readOnly = Mask.of(two.asReadOnly(), 10);
        assertThrows(IllegalArgumentException.class, () -> readOnly.set(0, true));
        assertFalse(mask.keeps(0));
    }
}
