package io.github.dropfuse.cli.bench;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Example;
import io.github.dropfuse.layer.Example.Placement;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.LayerOptions;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Operand;
import io.github.dropfuse.layer.Pass;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What is timed: the catalogue's examples, and a few things that no layer does by itself.
 *
 * @param name what rows call it
 * @param p usual drop probability
 * @param sample elements of a sample; sizes are rounded down to a multiple of it
 * @param placement where the output is
 * @param adds whether it adds to something, in place to the output
 * @param second whether it takes another tensor of x's size
 * @param limit bytes of tensors that have to be moved, over those that a copy moves
 * @param maker makes the calls
 */
public record BenchKernel(
        String name,
        double p,
        long sample,
        Placement placement,
        boolean adds,
        boolean second,
        double limit,
        Maker maker) {
    /** Makes something to be called with a state each time. */
    public interface Maker {
        /** Makes it for tensors that are as many samples as there are. */
        Consumer<PhiloxState> on(BenchTensors tensors, double p, Execution execution);
    }

    /** What stored masks are drawn from. */
    static final PhiloxState STORED = new PhiloxState(42, 1L << 62);

    /** A sample of a vision transformer. */
    private static final long[] SAMPLE = {197, 768};

    /** What all are compared with. */
    static final BenchKernel COPY =
            new BenchKernel(
                    "memcpy", 0, 1, Placement.APART, false, false, 1,
                    (t, p, on) -> state -> t.y().copyFrom(t.x()));

    /** The packed bits alone, without a tensor. */
    private static final BenchKernel MASK =
            new BenchKernel(
                    "mask", 0.1, 1, Placement.APART, false, false, 0,
                    (t, p, on) -> {
                        Mask mask = t.masks().apply(t.x().size());
                        return state -> Masks.draw(mask, p, state, 0, on);
                    });

    /** The way to a branch that is computed for half of the samples. */
    private static final BenchKernel GATHER =
            new BenchKernel(
                    "gather", 0.5, 197 * 768, Placement.APART, false, false, 0.5,
                    (t, p, on) ->
                            kept(
                                    t, p, on,
                                    (kept, x, y) -> kept.gather(x, y.slice(0, kept.count()))));

    /** And back. */
    private static final BenchKernel SCATTER_ADD =
            new BenchKernel(
                    "scatter-add", 0.5, 197 * 768, Placement.IN_PLACE, true, false, 0.75,
                    (t, p, on) ->
                            kept(
                                    t, p, on,
                                    (kept, x, y) -> kept.scatterAdd(x.slice(0, kept.count()), y)));

    private static final List<BenchKernel> ALL =
            Stream.concat(
                            Catalogue.layers().stream()
                                    .flatMap(
                                            type ->
                                                    type.examples().stream()
                                                            .map(example -> of(type, example))),
                            Stream.of(MASK, GATHER, SCATTER_ADD))
                    .toList();

    private interface Move {
        void run(KeptSamples kept, Tensor x, Tensor y);
    }

    /** All kernels. */
    public static List<BenchKernel> all() {
        return ALL;
    }

    /** The kernel of a name. */
    public static BenchKernel named(String name) {
        return ALL.stream().filter(kernel -> kernel.name.equals(name)).findFirst().orElseThrow();
    }

    /** The kernel's call on tensors. */
    public Consumer<PhiloxState> on(BenchTensors tensors, double probability, Execution execution) {
        return maker.on(tensors, probability, execution);
    }

    /** Whether it is timed in place, apart, or both; neither where a sample is too large. */
    public List<Boolean> places(long elements) {
        return Stream.of(false, true)
                .filter(inPlace -> elements >= sample)
                .filter(inPlace -> placement != (inPlace ? Placement.APART : Placement.IN_PLACE))
                .toList();
    }

    @Override
    public String toString() {
        return name;
    }

    private static BenchKernel of(LayerType type, Example example) {
        Pass pass = type.pass(example.pass());
        boolean adds =
                pass.operands().stream().anyMatch(operand -> operand.replaces().size() > 1);
        long inputs =
                pass.operands().stream()
                        .filter(operand -> !operand.written() && !operand.isVector())
                        .count();
        return new BenchKernel(
                example.name(),
                example.options().get(LayerOptions.P),
                example.sampleSize(),
                example.placement(),
                adds,
                inputs > 1,
                example.limit(),
                (tensors, p, on) -> call(type, example, tensors, p, on));
    }

    private static Consumer<PhiloxState> call(
            LayerType type, Example example, BenchTensors t, double p, Execution on) {
        long[] shape = example.shape(t.x().size() / example.sampleSize());
        Layer layer =
                type.maker().make(example.options().with(LayerOptions.P, p), shape).with(on);
        Pass pass = type.pass(example.pass());
        Tensor[] tensors = new Tensor[pass.operands().size()];
        Tensor input = t.x();
        for (int i = 0; i < tensors.length; i++) {
            Operand operand = pass.operands().get(i);
            long[] extents = operand.extents().of(layer, shape);
            if (operand.optional() && !example.operands().contains(operand.name())) {
                continue;
            }
            if (operand.isVector()) {
                tensors[i] = t.vectors().apply(extents[0]);
            } else if (operand.written()) {
                tensors[i] = Shapes.part(t.y(), extents);
            } else {
                tensors[i] = Shapes.part(input, extents);
                input = t.second();
            }
        }
        Consumer<MaskSource> call =
                source -> pass.call().run(layer, tensors, source, Shard.WHOLE);
        return switch (example.source()) {
            case STATE -> call::accept;
            case MASK -> {
                Mask mask = layer.mask(t.arena(), tensors[0], STORED);
                yield state -> call.accept(mask);
            }
            case PYTORCH_RAND, PYTORCH_DROPOUT -> {
                TorchGenerator generator = TorchGenerator.seeded(42);
                yield state -> call.accept(generator.next(example.source().stream()));
            }
        };
    }

    private static Consumer<PhiloxState> kept(
            BenchTensors t, double p, Execution on, Move move) {
        DropPath path = new DropPath(p).with(on);
        int batch = Math.toIntExact(t.x().size() / (SAMPLE[0] * SAMPLE[1]));
        Tensor x = Shapes.part(t.x(), batch, SAMPLE[0], SAMPLE[1]);
        Tensor y = Shapes.part(t.y(), batch, SAMPLE[0], SAMPLE[1]);
        return state -> move.run(KeptSamples.fixed(path, batch, state), x, y);
    }
}
