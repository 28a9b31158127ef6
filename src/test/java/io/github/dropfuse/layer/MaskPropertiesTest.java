package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** What holds for any mask. */
class MaskPropertiesTest {
    @Property(seed = "21", tries = 200)
    void moreIsDroppedAtALargerProbabilityAndNothingLess(
            @ForAll @DoubleRange(min = 0, max = 1) double a,
            @ForAll @DoubleRange(min = 0, max = 1) double b,
            @ForAll long seed,
            @ForAll @LongRange(min = 0) long offset,
            @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long start) {
        int units = 3000;
        PhiloxState state = new PhiloxState(seed, offset);
        for (Backend backend : Backends.all()) {
            Execution execution = Execution.automatic().on(backend);
            try (Arena arena = Arena.ofConfined()) {
                Mask more = Mask.allocate(arena, units);
                Masks.draw(more, Math.min(a, b), state, start, execution);
                Mask fewer = Mask.allocate(arena, units);
                Masks.draw(fewer, Math.max(a, b), state, start, execution);
                for (int i = 0; i < units; i++) {
                    assertTrue(more.keeps(i) || !fewer.keeps(i), backend + ", unit " + i);
                }
            }
        }
    }

    @Property(seed = "22", tries = 200)
    void bitsPastTheLastUnitAreZeroAndNothingElseIsWritten(
            @ForAll @DoubleRange(min = 0, max = 1) double p,
            @ForAll long seed,
            @ForAll @IntRange(max = 5000) int units,
            @ForAll @IntRange(max = 7) int at) {
        for (Backend backend : Backends.all()) {
            int bytes = (units + 7) / 8;
            MemorySegment memory = MemorySegment.ofArray(new byte[bytes + 9]).fill((byte) -1);
            Mask mask = Mask.of(memory.asSlice(1 + at, bytes), units);
            Masks.draw(
                    mask, p, new PhiloxState(seed, 0), 3, Execution.automatic().on(backend));
            if (units % 8 != 0) {
                int last = mask.segment().get(ValueLayout.JAVA_BYTE, bytes - 1) & 0xFF;
                assertEquals(0, last >> units % 8, backend::toString);
            }
            assertEquals(-1, memory.get(ValueLayout.JAVA_BYTE, at));
            assertEquals(-1, memory.get(ValueLayout.JAVA_BYTE, 1 + at + bytes));
        }
    }
}
