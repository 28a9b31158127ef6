package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** However a tensor is cut, its pieces get what they would have got in the whole. */
class ShardingPropertiesTest {
    private static final int SIZE = 6000;

    @Property(seed = "11", tries = 150)
    void anyCutOfATensorGivesTheUncutResult(
            @ForAll DType dtype,
            @ForAll @DoubleRange(min = 0, max = 1) double p,
            @ForAll long seed,
            @ForAll @LongRange(min = 0) long offset,
            @ForAll @LongRange(min = 0, max = (1L << 62)) long start,
            @ForAll @IntRange(min = 1, max = 40) int run,
            @ForAll @Size(max = 6) List<@IntRange(max = SIZE) Integer> cuts) {
        int rows = SIZE / run;
        PhiloxState state = new PhiloxState(seed, offset);
        for (Backend backend : Backends.all()) {
            Execution execution = Execution.automatic().on(backend);
            Layer layer =
                    run == 1 ? new Dropout(p).with(execution) : new DropPath(p).with(execution);
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = Tensor.allocate(arena, dtype, rows, run);
                Patterns.fill(dtype, x.segment(), seed);
                Tensor whole = Tensor.allocate(arena, dtype, rows, run);
                layer.forward(x, whole, state, start);
                Tensor pieces = Tensor.allocate(arena, dtype, rows, run);
                int from = 0;
                for (int to : bounds(cuts, rows)) {
                    layer.forward(x.slice(from, to), pieces.slice(from, to), state, start + from);
                    from = to;
                }
                Patterns.assertEqual(dtype, whole.segment(), pieces.segment(), backend.toString());
                Mask mask = layer.mask(arena, x, state, start);
                layer.forward(x, pieces, mask);
                Patterns.assertEqual(dtype, whole.segment(), pieces.segment(), backend + " mask");
            }
        }
    }

    @Property(seed = "12", tries = 200)
    void aMaskOfARangeIsThatSliceOfTheWhole(
            @ForAll @DoubleRange(min = 0, max = 1) double p,
            @ForAll long seed,
            @ForAll @LongRange(min = 0) long offset,
            @ForAll @LongRange(min = Long.MIN_VALUE, max = -SIZE) long start,
            @ForAll @IntRange(max = SIZE) int a,
            @ForAll @IntRange(max = SIZE) int b) {
        int from = Math.min(a, b);
        int to = Math.max(a, b);
        PhiloxState state = new PhiloxState(seed, offset);
        for (Backend backend : Backends.all()) {
            Execution execution = Execution.automatic().on(backend);
            try (Arena arena = Arena.ofConfined()) {
                Mask whole = Mask.allocate(arena, SIZE);
                Masks.draw(whole, p, state, start, execution);
                Mask part = Mask.allocate(arena, to - from);
                Masks.draw(part, p, state, start + from, execution);
                for (int i = from; i < to; i++) {
                    assertEquals(whole.keeps(i), part.keeps(i - from), backend + ", unit " + i);
                }
            }
        }
    }

    /** Ascending, the last one being the end. */
    private static int[] bounds(List<Integer> cuts, int rows) {
        int[] bounds = new int[cuts.size() + 1];
        for (int i = 0; i < cuts.size(); i++) {
            bounds[i] = Math.min(cuts.get(i), rows);
        }
        bounds[cuts.size()] = rows;
        Arrays.sort(bounds);
        return bounds;
    }
}
