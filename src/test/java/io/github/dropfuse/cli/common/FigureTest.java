package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FigureTest {
    private static double[] values(int n, IntToDoubleFunction value) {
        return IntStream.range(0, n).mapToDouble(value).toArray();
    }

    @Test
    void medianIsInTheMiddle() {
        assertEquals(2, Figure.of(9, 1, 2).median());
        assertEquals(2.5, Figure.of(9, 1, 2, 3).median());
    }

    @Test
    void quartilesAndTheLeastAreOfSortedValues() {
        Figure figure = Figure.of(values(41, i -> 100 + i * 17 % 41));
        assertEquals(41, figure.samples());
        assertEquals(100, figure.least());
        assertEquals(110, figure.lower());
        assertEquals(120, figure.median());
        assertEquals(130, figure.upper());
        assertEquals(20 / 120.0, figure.spread());
    }

    @Test
    void fewAreNotTrusted() {
        assertEquals("too few", Figure.of().doubt());
        assertTrue(Double.isNaN(Figure.of().median()));
        assertEquals("too few", Figure.of(1, 1, 1, 1, 1, 1).doubt());
        assertTrue(Figure.of(1, 1, 1, 1, 1, 1, 1).trusted());
    }

    /** 41 evenly spread values: the interval is of ranks 14 to 26. */
    @Test
    void aMedianThatMayBeElsewhereIsNotTrusted() {
        Figure sure = Figure.of(values(41, i -> 1 + 0.004 * i));
        assertEquals(12 * 0.004 / 1.08, sure.unsure(), 1e-12);
        assertTrue(sure.trusted());
        Figure unsure = Figure.of(values(41, i -> 1 + 0.005 * i));
        assertEquals("unsure", unsure.doubt());
        assertFalse(unsure.trusted());
    }

    /** More samples of the same spread make a median sure. */
    @Test
    void samplesMakeSure() {
        assertEquals("unsure", Figure.of(values(40, i -> 1 + 0.2 * i / 40)).doubt());
        assertTrue(Figure.of(values(1000, i -> 1 + 0.2 * i / 1000)).trusted());
    }

    @Test
    void twoHeapsAreNotTrusted() {
        assertEquals("two heaps", Figure.of(values(40, i -> i % 2 + 10 + 0.001 * i)).doubt());
        assertEquals("two heaps", Figure.of(values(40, i -> i % 3 / 2 + 10 + 0.001 * i)).doubt());
        assertTrue(Figure.of(values(40, i -> i % 10 / 9 + 10 + 0.001 * i)).trusted(), "few outside");
        assertTrue(Figure.of(values(40, i -> i % 2 + 100)).trusted(), "one in a hundred apart");
    }
}
