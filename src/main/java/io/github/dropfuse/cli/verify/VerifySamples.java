package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Masks;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Locale;

/**
 * A call that moves the kept samples of a batch.
 *
 * @param move what is called
 * @param path how samples are dropped
 * @param fixed whether a fixed number is kept
 * @param dtype type of the elements
 * @param shape extents of the whole batch
 * @param source what decides
 */
record VerifySamples(
        Move move, DropPath path, boolean fixed, DType dtype, long[] shape, VerifySource source)
        implements VerifySubject {

    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    private enum Move {
        GATHER,
        GATHER_BACKWARD,
        SCATTER_ADD,
        SCATTER_ADD_BACKWARD;

        boolean gathers() {
            return this == GATHER || this == SCATTER_ADD_BACKWARD;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    static VerifySubject random(VerifyRandom random) {
        long[] shape = random.batch(1 + random.below(3));
        boolean fixed = random.coin();
        return new VerifySamples(
                random.pick(Move.values()),
                random.dropPath(),
                fixed,
                random.dtype(),
                shape,
                fixed
                        ? VerifySource.drawn(random, shape[0])
                        : VerifySource.random(random, shape[0]));
    }

    @Override
    public List<VerifyOperand> operands() {
        long[] some = shape.clone();
        some[0] = kept(REFERENCE).count();
        return move.gathers()
                ? List.of(
                        VerifyOperand.input("all", dtype, shape),
                        VerifyOperand.output("some", null, dtype, some))
                : List.of(
                        VerifyOperand.input("some", dtype, some),
                        VerifyOperand.changed("all", dtype, shape));
    }

    /** Indices are those of the whole. */
    @Override
    public long rows() {
        return 0;
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        KeptSamples kept = kept(execution);
        Tensor all = memory.tensor("all");
        Tensor some = memory.tensor("some");
        switch (move) {
            case GATHER -> kept.gather(all, some);
            case GATHER_BACKWARD -> kept.gatherBackward(some, all);
            case SCATTER_ADD -> kept.scatterAdd(some, all);
            case SCATTER_ADD_BACKWARD -> kept.scatterAddBackward(all, some);
        }
    }

    private KeptSamples kept(Execution execution) {
        DropPath on = path.with(execution);
        int batch = Math.toIntExact(shape[0]);
        return fixed
                ? KeptSamples.fixed(on, batch, source.state())
                : KeptSamples.drawn(on, batch, decisions(), source.start());
    }

    /** Operands depend on what is kept: a stored mask is made here, of the state. */
    private MaskSource decisions() {
        if (!source.stored()) {
            return source.state();
        }
        Mask mask = Mask.allocate(Arena.ofAuto(), source.start() + source.units());
        Masks.draw(mask, path.p(), source.state(), 0, REFERENCE);
        return mask;
    }

    @Override
    public String toString() {
        return move + " of " + (fixed ? "fixed " : "drawn ") + path + " " + dtype + ", " + source;
    }
}
