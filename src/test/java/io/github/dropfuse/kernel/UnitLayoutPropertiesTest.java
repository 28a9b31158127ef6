package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Runs, cycles and repeats of units, and any range of elements, as the kernels' interface says. */
class UnitLayoutPropertiesTest {
    private static final int SENTINEL = 0x5B;

    @Provide
    Arbitrary<Double> probabilities() {
        return Arbitraries.of(0.0, 0.1, 0.25, 0.37, 0.5, 0.9, 1.0 - 0x1p-9, 0x1p-12, 1.0);
    }

    @Property(seed = "1", tries = 400)
    void dropByAnyLayout(
            @ForAll DType dtype,
            @ForAll @IntRange(max = 700) int first,
            @ForAll @IntRange(max = 1500) int count,
            @ForAll @IntRange(min = 1, max = 70) int run,
            @ForAll @IntRange(min = 1, max = 40) int cycle,
            @ForAll @IntRange(min = 1, max = 9) int repeat,
            @ForAll @IntRange(max = 900) int gap,
            @ForAll boolean stored,
            @ForAll boolean inPlace,
            @ForAll @From("probabilities") double p,
            @ForAll long seed,
            @ForAll @LongRange(min = 0) long offset,
            @ForAll @LongRange(min = 0, max = 1L << 60) long unit) {
        long start = stored ? unit % 600 : unit;
        int elements = first + count;
        MemorySegment values = MemorySegment.ofArray(new byte[elements * dtype.byteSize()]);
        Patterns.fill(dtype, values, seed);
        byte[] mask = null;
        if (stored) {
            long blocks = elements / ((long) run * cycle * repeat) + 1;
            mask = new byte[(int) ((600 + blocks * (cycle + gap)) / 8 + 1)];
            new SplittableRandom(seed).nextBytes(mask);
        }
        double scale = Oracle.scale(p);
        for (Kernels kernels : BackendRegistry.get().available()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment x = arena.allocate(values.byteSize());
                x.copyFrom(values);
                MemorySegment y = inPlace ? x : arena.allocate(values.byteSize());
                if (!inPlace) {
                    y.fill((byte) SENTINEL);
                }
                MemorySegment expected = MemorySegment.ofArray(new byte[(int) y.byteSize()]);
                expected.copyFrom(y);
                for (long e = first; e < elements; e++) {
                    long u =
                            start
                                    + e / ((long) run * cycle * repeat) * (cycle + gap)
                                    + e / run % cycle;
                    boolean kept =
                            stored
                                    ? (mask[(int) u / 8] >> u % 8 & 1) == 1
                                    : Oracle.keeps(p, seed, offset, u);
                    Patterns.set(
                            dtype,
                            expected,
                            e,
                            kept ? Oracle.keptBits(dtype, Patterns.get(dtype, x, e), scale) : 0);
                }
                MaskSource source =
                        stored
                                ? Mask.of(MemorySegment.ofArray(mask), 8L * mask.length)
                                : new PhiloxState(seed, offset);
                kernels.apply(
                        Effect.drop(p, scale), source,
                        new Layout(run, cycle, repeat, cycle + gap, start),
                        Tensor.of(x, dtype, elements), null, null, Tensor.of(y, dtype, elements),
                        new Range(first, count));
                Patterns.assertEqual(dtype, expected, y, TestKernels.name(kernels));
            }
        }
    }

    @Property(seed = "2", tries = 300)
    void masksOfAnyRange(
            @ForAll @From("probabilities") double p,
            @ForAll long seed,
            @ForAll @LongRange(min = 0) long offset,
            @ForAll long start,
            @ForAll @IntRange(max = 1300) int count) {
        int possible = start < 0 && -start < count ? (int) -start : count;
        byte[] expected = Oracle.mask(p, seed, offset, start, possible);
        for (Kernels kernels : BackendRegistry.get().available()) {
            byte[] mask = new byte[expected.length + 2];
            kernels.mask(
                    p, new PhiloxState(seed, offset), new Layout(1, 1, 1, 1, start),
                    Mask.of(
                            MemorySegment.ofArray(mask).asSlice(1, expected.length), possible),
                    Range.ALL);
            assertEquals(
                    -1,
                    MemorySegment.ofArray(expected)
                            .mismatch(MemorySegment.ofArray(mask).asSlice(1, expected.length)),
                    TestKernels.name(kernels));
            assertEquals(List.of(0, 0), List.of((int) mask[0], (int) mask[mask.length - 1]));
        }
    }
}
