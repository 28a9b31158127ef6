package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.MersenneTwister;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.LayerOption;
import io.github.dropfuse.layer.LayerOptions;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Operand;
import io.github.dropfuse.layer.Options;
import io.github.dropfuse.layer.Pass;
import io.github.dropfuse.layer.Pass.Source;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Makes random calls of a layer.
 *
 * @param type the layer
 * @param passes what may be called; null stands for the drawing of a mask
 * @param sources what may decide
 * @param noise whether decisions are shared by a noise shape
 */
record LayerCalls(LayerType type, List<Pass> passes, List<Source> sources, boolean noise)
        implements Function<RandomDraws, Call> {
    private static final int MOST_ENTRIES_BEFORE = 20;
    private static final long MOST_STORED = 1 << 20;

    /** Not a constant: settings of the library are to be refused by a command that is running. */
    static Execution reference() {
        return Execution.automatic().on(Backends.reference());
    }

    @Override
    public Call apply(RandomDraws random) {
        Pass called = random.pick(passes);
        Pass pass = called == null ? type.pass(Pass.FORWARD) : called;
        long[] shape = random.shape(type.inputs());
        List<Source> possible = sources.stream().filter(pass.sources()::contains).toList();
        Source source = possible.isEmpty() ? null : random.pick(possible);
        Box whole = whole(random, pass, source, shape);
        Layer layer = layer(random, whole == null ? shape : whole.shape());
        long start = whole == null ? start(random, layer, source, shape) : 0;
        long units = source == Source.MASK ? stored(layer, shape, start, whole) : 0;
        Decisions decisions = new Decisions(source, random.state(), start, whole, units);
        DType dtype = random.dtype();
        List<Slot> slots = new ArrayList<>();
        if (called == null) {
            Shard shard = decisions.shard(shape, Box.of(shape));
            slots.add(Slot.of("x", dtype, Slot.Use.READ, shape));
            slots.add(Slot.bits(LayerCall.BITS, Slot.Use.WRITTEN, units(layer, shape, shard)));
        } else {
            addOperands(slots, random, layer, pass, dtype, shape);
        }
        if (source == Source.MASK) {
            slots.add(Slot.bits(LayerCall.MASK, Slot.Use.READ, units));
        } else if (decisions.isTorch()) {
            long bytes = (MersenneTwister.WORDS + 1L) * Integer.BYTES;
            slots.add(Slot.of(LayerCall.GENERATOR, null, Slot.Use.WRITTEN, bytes));
        }
        boolean canStore = source == Source.STATE && pass.sources().contains(Source.MASK) && !noise;
        return new LayerCall(
                layer, called, dtype, shape, slots, decisions, canStore && random.oneIn(4));
    }

    /** A larger tensor, or null. */
    private static Box whole(RandomDraws random, Pass pass, Source source, long[] shape) {
        boolean drawn = source == Source.STATE || source == Source.MASK;
        long most = source == Source.MASK ? MOST_STORED : Long.MAX_VALUE;
        return drawn && random.oneIn(3) ? random.place(shape, pass.cuts(), most) : null;
    }

    private static long start(RandomDraws random, Layer layer, Source source, long[] shape) {
        if (source == Source.MASK) {
            return random.below(MOST_ENTRIES_BEFORE);
        }
        return source == Source.STATE && random.coin()
                ? random.start(shape[0], layer.units(elements(shape)))
                : 0;
    }

    /** A layer with random options, drawn again where these do not go together. */
    private Layer layer(RandomDraws random, long[] shape) {
        while (true) {
            Options options = Options.NONE;
            for (LayerOption<?> option : type.options()) {
                if (option != LayerOptions.NOISE_SHAPE || noise) {
                    options = random.with(options, option, shape);
                }
            }
            try {
                return type.maker().make(options, shape);
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
    }

    private static void addOperands(
            List<Slot> slots,
            RandomDraws random,
            Layer layer,
            Pass pass,
            DType dtype,
            long[] shape) {
        for (Operand operand : pass.operands()) {
            if (operand.optional() && random.coin()) {
                continue;
            }
            boolean inPlace = !operand.replaces().isEmpty() && random.coin();
            slots.add(
                    new Slot(
                            operand.name(),
                            dtype,
                            operand.extents().of(layer, shape),
                            operand.written() ? Slot.Use.WRITTEN : Slot.Use.READ,
                            inPlace ? random.pick(operand.replaces()) : null,
                            operand,
                            0));
        }
    }

    /** How many bits a stored mask has that goes far enough. */
    private static long stored(Layer layer, long[] shape, long start, Box whole) {
        long[] all = whole == null ? shape.clone() : whole.shape();
        all[0] += start;
        return units(layer, all, Shard.WHOLE);
    }

    /** How many bits the mask of a shard has. */
    private static long units(Layer layer, long[] shape, Shard shard) {
        try (Arena arena = Arena.ofConfined()) {
            return layer.with(reference())
                    .mask(arena, elements(shape), new PhiloxState(0, 0), shard)
                    .units();
        }
    }

    /** A tensor of a shape, for its shape only. */
    private static Tensor elements(long[] shape) {
        short[] elements = new short[Math.toIntExact(Shapes.product(shape))];
        return Tensor.of(elements, DType.FLOAT16, shape);
    }
}
