package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.testing.Oracle;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    @Test
    void handsOutOffsetsInOrder() {
        Generator generator = Generator.seeded(42);
        assertEquals(new PhiloxState(42, 0), generator.state());
        assertEquals(new PhiloxState(42, 0), generator.next());
        assertEquals(new PhiloxState(42, 1), generator.next());
        assertEquals(new PhiloxState(42, 2), generator.state());
        assertEquals("Generator[seed=42, offset=2]", generator.toString());
    }

    @Test
    void goesOnFromASavedState() {
        Generator generator = Generator.seeded(-1);
        generator.advance(17);
        PhiloxState saved = generator.state();
        PhiloxState first = generator.next();
        generator.next();
        Generator restored = Generator.from(saved);
        assertEquals(first, restored.next());
        assertEquals(generator.state().offset() - 1, restored.state().offset());
    }

    @Test
    void isPutBackForAllThatHoldIt() {
        Generator generator = Generator.seeded(5);
        generator.advance(3);
        PhiloxState saved = new PhiloxState(-9, 40);
        generator.restore(saved);
        assertEquals(saved, generator.state());
        assertEquals(saved, generator.next());
        assertEquals(new PhiloxState(-9, 41), generator.next());
        assertEquals(Generator.seeded(-9).split(2).state(), generator.split(2).state());
        assertThrows(NullPointerException.class, () -> generator.restore(null));
        assertThrows(NullPointerException.class, () -> Generator.from(null));
        assertEquals(new PhiloxState(-9, 42), generator.state());
    }

    @Test
    void advancesByACount() {
        Generator stepped = Generator.seeded(3);
        for (int i = 0; i < 100; i++) {
            stepped.next();
        }
        Generator jumped = Generator.seeded(3);
        jumped.advance(0);
        jumped.advance(99);
        jumped.advance(1);
        assertEquals(stepped.next(), jumped.next());
    }

    @Test
    void refusesToAdvanceBackwards() {
        Generator generator = Generator.seeded(3);
        var e = assertThrows(IllegalArgumentException.class, () -> generator.advance(-1));
        assertEquals("calls is -1, allowed are 0 to 2^63 - 1", e.getMessage());
        assertEquals(0, generator.state().offset());
    }

    @Test
    void endsAfterTheLastOffset() {
        Generator generator = Generator.from(new PhiloxState(1, Long.MAX_VALUE - 1));
        assertThrows(IllegalStateException.class, () -> generator.advance(2));
        assertEquals(Long.MAX_VALUE - 1, generator.next().offset());
        var e = assertThrows(IllegalStateException.class, generator::next);
        assertEquals(
                "offset is 9223372036854775807 and cannot advance by 1 past 2^63 - 1",
                e.getMessage());
        assertThrows(IllegalStateException.class, () -> generator.advance(Long.MAX_VALUE));
        assertEquals(Long.MAX_VALUE, generator.state().offset());
    }

    @Test
    void handsOutEachStateOnceToManyThreads() {
        Generator generator = Generator.seeded(8);
        int calls = 100_000;
        Set<PhiloxState> states = ConcurrentHashMap.newKeySet();
        IntStream.range(0, calls).parallel().forEach(i -> assertTrue(states.add(generator.next())));
        assertEquals(calls, states.size());
        assertEquals(calls, generator.state().offset());
    }

    @Test
    void splitsIntoStreamsThatDependOnSeedAndIndexAlone() {
        Generator generator = Generator.seeded(123);
        Generator early = generator.split(5);
        generator.advance(1000);
        assertEquals(early.state(), generator.split(5).state());
        assertEquals(0, early.state().offset());
        assertEquals(1000, generator.state().offset());
        assertNotEquals(early.state(), Generator.seeded(124).split(5).state());
    }

    @Test
    void splitIsTheDocumentedPhiloxBlock() {
        long seed = 0x0123456789ABCDEFL;
        long index = 0xFEDCBA9876543210L;
        int[] counter = {(int) index, -1, (int) (index >>> 32), -1};
        int[] words = Oracle.philox(counter, new int[] {(int) seed, (int) (seed >>> 32)});
        long expected = Integer.toUnsignedLong(words[0]) | (long) words[1] << 32;
        assertEquals(expected, Generator.seeded(seed).split(index).state().seed());
    }

    @Test
    void splitsOfNeighboursDiffer() {
        Set<Long> seeds = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            seeds.add(seed);
            for (long index = -50; index < 50; index++) {
                seeds.add(Generator.seeded(seed).split(index).state().seed());
            }
        }
        assertEquals(100 + 100 * 100, seeds.size());
    }

    @Test
    void statesHaveOffsetsFromZero() {
        var e = assertThrows(IllegalArgumentException.class, () -> new PhiloxState(1, -1));
        assertEquals("offset is -1, allowed are 0 to 2^63 - 1", e.getMessage());
        assertEquals(Long.MAX_VALUE, new PhiloxState(1, Long.MAX_VALUE).offset());
    }
}
