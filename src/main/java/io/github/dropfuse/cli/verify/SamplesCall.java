package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.LayerOption;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Options;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.Function;

/**
 * A call that moves the kept samples of a batch, between all of them and some.
 *
 * @param move what is called
 * @param path how samples are dropped
 * @param choice chooses those that are kept
 * @param dtype type of the elements
 * @param shape shape of the whole batch
 * @param text what the choice is, in words
 */
record SamplesCall(
        Move move,
        DropPath path,
        Function<DropPath, KeptSamples> choice,
        DType dtype,
        long[] shape,
        String text)
        implements Call {
    private static final int MOST_SAMPLES = 1000;

    private enum Move {
        GATHER,
        GATHER_BACKWARD,
        SCATTER_ADD,
        SCATTER_ADD_BACKWARD;

        boolean gathers() {
            return this == GATHER || this == SCATTER_ADD_BACKWARD;
        }
    }

    static Call random(RandomDraws random) {
        long[] shape = random.shape(1 + random.below(3));
        shape[0] = Math.min(shape[0], MOST_SAMPLES);
        int batch = Math.toIntExact(shape[0]);
        LayerType type = Catalogue.named("droppath");
        Options options = Options.NONE;
        for (LayerOption<?> option : type.options()) {
            options = random.with(options, option, shape);
        }
        DropPath path = (DropPath) type.maker().make(options, shape).with(LayerCalls.reference());
        PhiloxState state = random.state();
        int form = random.below(3);
        long start = form == 1 ? random.start(batch, batch) : random.below(100);
        MaskSource source = form == 2 ? stored(path, state, batch + start) : state;
        return new SamplesCall(
                random.pick(List.of(Move.values())),
                path,
                form == 0
                        ? on -> KeptSamples.fixed(on, batch, state)
                        : on -> KeptSamples.drawn(on, batch, source, start),
                random.dtype(),
                shape,
                (form == 0 ? "fixed" : form == 1 ? "drawn" : "stored mask") + ", " + state
                        + (form == 0 ? "" : " start=" + Long.toUnsignedString(start)));
    }

    private static MaskSource stored(DropPath path, PhiloxState state, long units) {
        Mask mask = Mask.allocate(Arena.ofAuto(), units);
        Masks.draw(mask, path.p(), state, 0, LayerCalls.reference());
        return mask;
    }

    @Override
    public List<Slot> slots() {
        long[] some = shape.clone();
        some[0] = choice.apply(path).count();
        return move.gathers()
                ? List.of(
                        Slot.of("all", dtype, Slot.Use.READ, shape),
                        Slot.of("some", dtype, Slot.Use.WRITTEN, some))
                : List.of(
                        Slot.of("some", dtype, Slot.Use.READ, some),
                        Slot.of("all", dtype, Slot.Use.CHANGED, shape));
    }

    /** Indices are those of the whole. */
    @Override
    public int cuts() {
        return 0;
    }

    @Override
    public boolean takesModes() {
        return true;
    }

    @Override
    public void run(Memory memory, Box part, Setting setting) {
        KeptSamples here = choice.apply(path.with(setting.staging().execution()));
        Tensor[] operands = {memory.tensor("all"), memory.tensor("some")};
        setting.staging().run(operands, t -> setting.run(() -> move(here, t[0], t[1])));
    }

    private void move(KeptSamples here, Tensor whole, Tensor some) {
        switch (move) {
            case GATHER -> here.gather(whole, some);
            case GATHER_BACKWARD -> here.gatherBackward(some, whole);
            case SCATTER_ADD -> here.scatterAdd(some, whole);
            case SCATTER_ADD_BACKWARD -> here.scatterAddBackward(whole, some);
        }
    }

    @Override
    public String toString() {
        return LayerOption.word(move) + " of " + path + " " + dtype + ", " + text;
    }
}
