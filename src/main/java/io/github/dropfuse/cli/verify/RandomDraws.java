package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.LayerOption;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Options;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What random calls are made of; each sequence is fixed by a seed and a case's number. */
final class RandomDraws {
    private static final long[] SIZES = {
        0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 255, 511, 512, 513, 1023, 1025, 4095, 4097
    };
    private static final int LARGE_ONE_IN = 32;

    /** Some calls of this size are split over threads, whatever their form. */
    private static final int LARGE = 1_300_000;
    private static final int SMALL = 20_000;
    private static final int STRETCH = 1 << 24;

    /** Where indices of units outgrow the processor's integers, or rounded numbers. */
    private static final List<Integer> BOUNDARIES = List.of(31, 32, 33, 53, 62);

    private final SplittableRandom random;
    private final boolean deep;
    private final boolean large;

    /** Draws for a case; those of deep ones are larger. */
    RandomDraws(long seed, long number, boolean canBeLarge, boolean deep) {
        this.random = new SplittableRandom(seed + number * 0x9E3779B97F4A7C15L);
        this.deep = deep;
        large = random.nextInt(LARGE_ONE_IN) == 0 && canBeLarge;
    }

    boolean isDeep() {
        return deep;
    }

    /** The length of a mask that is long enough to take most of the time. */
    long stretch() {
        return STRETCH / 2 + below(STRETCH);
    }

    /** What kind of memory it is. */
    Memory.Kind memory() {
        boolean other = oneIn(4);
        return !other ? Memory.Kind.NATIVE : deep && coin() ? Memory.Kind.MAPPED : Memory.Kind.HEAP;
    }

    /** 0 to below a bound. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    long bits() {
        return random.nextLong();
    }

    <T> T pick(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    DType dtype() {
        return pick(List.of(DType.values()));
    }

    PhiloxState state() {
        return new PhiloxState(bits(), oneIn(8) ? Long.MAX_VALUE : bits() >>> 1);
    }

    <T> T value(LayerOption<T> option, long... shape) {
        return option.random().apply(random, shape);
    }

    <T> Options with(Options values, LayerOption<T> option, long[] shape) {
        return values.with(option, value(option, shape));
    }

    /** An input of a layer. */
    long[] shape(LayerType.Inputs inputs) {
        int rank = random.nextInt(inputs.leastRank(), inputs.mostRank() + 1);
        if (!inputs.images()) {
            return shape(rank);
        }
        long[] shape = new long[rank];
        int most = rank == 4 ? large ? 100 : 20 : large ? 24 : 8;
        Arrays.setAll(shape, d -> d < 2 ? below(5) : random.nextInt(1, most));
        return shape;
    }

    /** Extents of which one is of any size and the others are small. */
    long[] shape(int rank) {
        long[] shape = new long[rank];
        for (int d = 0; d < rank; d++) {
            shape[d] = random.nextInt(1, rank < 3 ? 20 : 5);
        }
        int any = below(rank);
        shape[any] = 1;
        long others = Shapes.product(shape);
        shape[any] =
                large
                        ? random.nextLong(1, (deep ? 2 * LARGE : LARGE) / others)
                        : Math.min(SIZES[below(SIZES.length)], SMALL / others);
        return shape;
    }

    /** The index of the first of some entries, up to where their units end at the last there is. */
    long start(long entries, long units) {
        if (units == 0 || entries == 0) {
            return below(2000);
        }
        long most = Long.divideUnsigned(-1, Math.max(1, units / entries)) - entries;
        long any =
                switch (below(5)) {
                    case 0 -> below(2000);
                    case 1 -> most;
                    case 2 -> (1L << random.nextInt(31, 63)) - below(2000);
                    case 3 -> bits();
                    default -> 512L * below(1 << 20);
                };
        return Long.compareUnsigned(any, most) <= 0 ? any : Long.remainderUnsigned(any, most);
    }

    /** Where a part may lie in something larger of so many elements at most, and the larger shape. */
    Box place(long[] shape, int dimensions, long elements) {
        long[] from = new long[shape.length];
        long[] whole = shape.clone();
        for (int d = 0; d < Math.min(dimensions, shape.length); d++) {
            long most = elements;
            for (int other = 0; other < whole.length; other++) {
                most /= other == d ? 1 : Math.max(1, whole[other]);
            }
            if (coin() && most > whole[d]) {
                long more = Math.min(most - whole[d], oneIn(3) ? Long.MAX_VALUE : 1 + below(9));
                from[d] = random.nextLong(more) + below(2);
                whole[d] += more;
            }
        }
        if (deep && dimensions > 0) {
            moveToBoundary(from, whole, shape[0], elements);
        }
        return new Box(from, whole);
    }

    /** Has the box's units pass a boundary, if the larger tensor can have so many. */
    private void moveToBoundary(long[] from, long[] whole, long extent, long elements) {
        long entry = Arrays.stream(whole).skip(1).reduce(1, (a, b) -> a * Math.max(1, b));
        long first = (1L << pick(BOUNDARIES)) / entry - random.nextLong(extent + 1);
        if (first >= 0 && first <= elements / entry - extent) {
            from[0] = first;
            whole[0] = Math.max(whole[0], first + extent);
        }
    }

    /** The boxes that a shape is cut into along some of its first dimensions; or all of it. */
    List<Box> boxes(long[] shape, int dimensions) {
        List<Box> boxes = List.of(Box.of(shape));
        for (int i = 0; i < 2 && dimensions > 0 && coin(); i++) {
            int d = below(Math.min(dimensions, shape.length));
            long[] cuts = random.longs(1 + below(3), 0, shape[d] + 1).sorted().toArray();
            for (long cut : cuts) {
                boxes = boxes.stream().flatMap(box -> halves(box, d, cut).stream()).toList();
            }
        }
        return boxes;
    }

    private static List<Box> halves(Box box, int d, long cut) {
        long before = cut - box.from()[d];
        if (before < 0 || before > box.shape()[d] || box.shape()[d] == 0) {
            return List.of(box);
        }
        List<Box> halves = new ArrayList<>();
        for (int half = 0; half < 2; half++) {
            long[] from = box.from().clone();
            long[] shape = box.shape().clone();
            from[d] += half == 0 ? 0 : before;
            shape[d] = half == 0 ? before : shape[d] - before;
            halves.add(new Box(from, shape));
        }
        return halves;
    }
}
