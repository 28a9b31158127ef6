package io.github.dropfuse.cli.verify;

import io.github.dropfuse.Mask;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import java.util.List;

/**
 * The drawing of a packed mask.
 *
 * @param p probability that a unit is dropped
 * @param source what decides, and how many units there are
 */
record VerifyMasks(double p, VerifySource source) implements VerifySubject {
    static VerifySubject random(VerifyRandom random) {
        long units = Shapes.product(random.shape(2));
        return new VerifyMasks(random.p(), VerifySource.drawn(random, units));
    }

    @Override
    public List<VerifyOperand> operands() {
        return List.of(VerifyOperand.bits(source.units()));
    }

    /** Bytes: a shard begins at one. */
    @Override
    public long rows() {
        return (source.units() + 7) / 8;
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        long bytes = memory.segment("bits").byteSize();
        long units = Math.clamp(source.units() - 8 * row, 0, 8 * bytes);
        Mask mask = Mask.of(memory.segment("bits"), units);
        Masks.draw(mask, p, source.state(), source.start() + 8 * row, execution);
    }

    @Override
    public String toString() {
        return "p=" + p + " " + source + " units=" + source.units();
    }
}
