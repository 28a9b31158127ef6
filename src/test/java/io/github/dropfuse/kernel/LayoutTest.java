package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Layouts of tensors, by the units of their elements and by the five numbers. */
class LayoutTest {
    /** Boxes of any tensors, of which each dimension decides or not. */
    @Test
    void unitsAreTheSumsOfSteps() {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 3000; round++) {
            int rank = random.nextInt(7);
            long[] extents = new long[rank];
            long[] steps = new long[rank];
            long start = random.nextBoolean() ? 0 : random.nextLong();
            long step = 1;
            for (int d = rank - 1; d >= 0; d--) {
                extents[d] = 1 + random.nextInt(4);
                if (random.nextBoolean()) {
                    steps[d] = step;
                    step *= extents[d] + (random.nextInt(3) == 0 ? 2 : 0);
                }
            }
            check(Layout.of(extents, steps, start), extents, steps, start);
        }
    }

    private static void check(Layout layout, long[] extents, long[] steps, long start) {
        String what = Arrays.toString(extents) + " " + Arrays.toString(steps) + " " + layout;
        long size = Arrays.stream(extents).reduce(1, (a, b) -> a * b);
        for (long e = 0; e < size; e++) {
            long unit = start;
            long rest = e;
            for (int d = extents.length - 1; d >= 0; d--) {
                unit += rest % extents[d] * steps[d];
                rest /= extents[d];
            }
            assertEquals(unit, layout.unit(e), what);
            if (!layout.isOnePart()) {
                long part = e / layout.partSize();
                assertEquals(unit, layout.part(part).unit(e % layout.partSize()), what);
            }
        }
        assertEquals(layout.isOnePart(), layout.partSize() == Long.MAX_VALUE, what);
        if (!layout.isOnePart()) {
            assertEquals(size, layout.parts() * layout.partSize(), what);
        }
    }

    /** Neighbours that one dimension can stand for are one, so that calls are as few as can be. */
    @Test
    void numbersAreAsFewAsCanBe() {
        assertNumbers("run=1, cycle=1, repeat=1, step=1, start=0, parts=1", shape(), steps());
        assertNumbers(
                "run=1, cycle=1, repeat=1, step=1, start=0, parts=1",
                shape(3, 5), steps(5, 1));
        assertNumbers(
                "run=20, cycle=1, repeat=1, step=1, start=0, parts=1",
                shape(3, 5, 4), steps(1, 0, 0));
        assertNumbers(
                "run=15, cycle=1, repeat=1, step=1, start=0, parts=1",
                shape(3, 5), steps(0, 0));
        assertNumbers(
                "run=1, cycle=5, repeat=9, step=5, start=0, parts=1",
                shape(4, 9, 5), steps(5, 0, 1));
        assertNumbers(
                "run=1, cycle=5, repeat=9, step=5, start=0, parts=1",
                shape(9, 5), steps(0, 1));
        assertNumbers(
                "run=1, cycle=5, repeat=1, step=8, start=0, parts=1",
                shape(4, 5), steps(8, 1));
        assertNumbers(
                "run=3, cycle=5, repeat=9, step=7, start=0, parts=1",
                shape(4, 9, 5, 3), steps(7, 0, 1, 0));
        assertNumbers(
                "run=3, cycle=1, repeat=1, step=2, start=0, parts=1",
                shape(4, 3), steps(2, 0));
        assertNumbers(
                "run=1, cycle=4, repeat=1, step=8, start=0, parts=3",
                shape(3, 2, 4), steps(40, 8, 1));
        assertNumbers(
                "run=4, cycle=2, repeat=5, step=2, start=0, parts=6",
                shape(2, 3, 2, 5, 2, 4), steps(4, 0, 2, 0, 1, 0));
        assertEquals(
                "Layout[run=1, cycle=1, repeat=1, step=1, start=18446744073709551615, parts=1]",
                Layout.elementsFrom(-1).toString());
    }

    private static void assertNumbers(String numbers, long[] extents, long[] steps) {
        assertEquals("Layout[" + numbers + "]", Layout.of(extents, steps, 0).toString());
    }

    private static long[] shape(long... extents) {
        return extents;
    }

    private static long[] steps(long... steps) {
        return steps;
    }

    @Test
    void elementsFromTheFirstAreThoseOfTheWhole() {
        assertSame(Layout.ELEMENTS, Layout.elementsFrom(0));
        assertEquals(7, Layout.elementsFrom(7).start());
        assertEquals(12, Layout.elementsFrom(7).unit(5));
    }
}
