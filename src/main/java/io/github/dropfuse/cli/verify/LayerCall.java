package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.Operand;
import io.github.dropfuse.layer.Pass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A call of a layer of the catalogue.
 *
 * @param layer the layer
 * @param pass what is called; null for the drawing of a mask
 * @param dtype type of the elements
 * @param shape shape of x
 * @param slots what is read and written
 * @param decisions what decides
 * @param stores whether a mask is made first that decides then, for which a noise shape of a larger
 *     tensor has no meaning
 */
record LayerCall(
        Layer layer,
        Pass pass,
        DType dtype,
        long[] shape,
        List<Slot> slots,
        Decisions decisions,
        boolean stores)
        implements Call {
    static final String MASK = "mask";
    static final String BITS = "bits";
    static final String GENERATOR = "generator";

    /** PyTorch's numbers come in one sequence, and sums are added in the order of the whole. */
    @Override
    public int cuts() {
        boolean decided = pass != null && !pass.sources().isEmpty();
        if (!decided || decisions.isTorch() || !pass.composes().test(layer)) {
            return 0;
        }
        return decisions.start() == 0 ? pass.cuts() : 1;
    }

    @Override
    public boolean takesModes() {
        return pass != null && !decisions.isTorch() && pass.cuts() >= shape.length;
    }

    @Override
    public void run(Memory memory, Box part, Setting setting) {
        Staging staging = setting.staging();
        Layer here = layer.with(staging.execution());
        Shard shard = decisions.shard(shape, part);
        try (Arena arena = Arena.ofShared()) {
            TorchGenerator generator = TorchGenerator.seeded(decisions.state().seed());
            generator.advance(decisions.skipped());
            MaskSource source = staging.source(arena, source(memory, generator));
            if (pass == null) {
                Mask mask = here.mask(arena, memory.tensor("x"), source, shard);
                memory.segment(BITS).copyFrom(Staging.near(arena, mask).segment());
            } else if (stores && !setting.plain()) {
                apply(memory, here, here.mask(arena, x(memory), source, shard), Shard.WHOLE, setting);
            } else {
                apply(memory, here, source, shard, setting);
            }
            if (decisions.isTorch()) {
                save(generator.state(), memory.segment(GENERATOR));
            }
        }
    }

    private MaskSource source(Memory memory, TorchGenerator generator) {
        return decisions.source() == null
                ? null
                : switch (decisions.source()) {
                    case STATE -> decisions.state();
                    case MASK -> Mask.of(memory.segment(MASK), decisions.units());
                    case PYTORCH_RAND, PYTORCH_DROPOUT ->
                            generator.next(decisions.source().stream());
                };
    }

    private Tensor x(Memory memory) {
        return pass.operands().stream()
                .filter(Operand::isLikeX)
                .map(operand -> memory.tensor(operand.name()))
                .findFirst()
                .orElseThrow();
    }

    private void apply(
            Memory memory, Layer here, MaskSource source, Shard shard, Setting setting) {
        Tensor[] operands =
                pass.operands().stream()
                        .map(operand -> memory.tensor(operand.name()))
                        .toArray(Tensor[]::new);
        setting.staging()
                .run(
                        operands,
                        there ->
                                setting.run(() -> pass.call().run(here, there, source, shard)));
    }

    private static void save(TorchState state, MemorySegment to) {
        int[] words = state.words();
        MemorySegment.copy(words, 0, to, ValueLayout.JAVA_INT_UNALIGNED, 0, words.length);
        to.set(ValueLayout.JAVA_INT_UNALIGNED, (long) words.length * Integer.BYTES, state.used());
    }

    @Override
    public String toString() {
        return layer + " " + (pass == null ? "mask" : pass) + " " + dtype + ", " + decisions
                + (stores ? ", by its mask" : "");
    }
}
