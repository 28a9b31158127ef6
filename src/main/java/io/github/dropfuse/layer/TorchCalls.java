package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MersenneTwister;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Runs checked calls in the way of PyTorch: first the mask, in order, then the products. */
final class TorchCalls {
    private final Execution execution;
    private final Units units;
    private final double p;
    private final boolean scaled;
    private final TorchStream stream;

    TorchCalls(
            Execution execution, Units units, double p, boolean scaled, TorchStream stream) {
        this.execution = execution;
        this.units = units;
        this.p = p;
        this.scaled = scaled;
        this.stream = stream;
    }

    /** Multiplies x with the mask that a state stands for. Gives the state after it. */
    TorchState apply(Tensor x, Tensor y, TorchState state) {
        if (x.size() == 0) {
            return state;
        }
        if (stream == TorchStream.DROPOUT && p == 0) {
            if (!Checks.sameMemory(x, y)) {
                UnitCalls.copy(execution, x, y);
            }
            return state;
        }
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = Mask.allocate(arena, units.count(x));
            TorchState after = draw(mask, x, state);
            multiply(arena, x, y, mask);
            return after;
        }
    }

    /** Draws the mask for a tensor. Gives the state after it. */
    TorchState draw(Mask mask, Tensor x, TorchState state) {
        if (!TorchRule.draws(stream, p)) {
            mask.segment().fill(p == 0 ? (byte) -1 : 0);
            return state;
        }
        try (Arena arena = Arena.ofConfined()) {
            int[] words = state.words();
            MemorySegment moving = arena.allocate(ValueLayout.JAVA_INT, words.length + 1);
            MemorySegment.copy(words, 0, moving, ValueLayout.JAVA_INT, 0, words.length);
            moving.setAtIndex(ValueLayout.JAVA_INT, words.length, state.used());
            TorchRule rule = rule(x);
            kernels(x)
                    .mersenneMask(
                            moving, rule.outputs(), rule.bits(), rule.threshold(), rule.above(),
                            mask.units(), mask.segment());
            MemorySegment.copy(moving, ValueLayout.JAVA_INT, 0, words, 0, words.length);
            return TorchState.of(
                    words, moving.getAtIndex(ValueLayout.JAVA_INT, MersenneTwister.WORDS));
        }
    }

    private void multiply(Arena arena, Tensor x, Tensor y, Mask mask) {
        Execution here = execution.at(x, y);
        Kernels kernels = here.kernels();
        TorchRule rule = rule(x);
        long run = units.run(x);
        long cycle = units.cycle(x);
        long repeat = units.repeat(x);
        Pieces.of(here, units, x, 0)
                .tensors(x, y)
                .shared(kernels.readable(arena, mask.segment()))
                .run(
                        (tensors, shared, first, count, unit) ->
                                kernels.product(
                                        x.dtype(), tensors[0], tensors[1], first, count, run,
                                        cycle, repeat, shared[0], unit, rule.divisor(),
                                        rule.factor()));
    }

    private Kernels kernels(Tensor x) {
        return execution.at(x.location()).kernels();
    }

    private TorchRule rule(Tensor x) {
        return TorchRule.of(stream, x.dtype(), p, scaled);
    }
}
