package io.github.dropfuse;

import java.util.Objects;

/**
 * PyTorch's random numbers on the CPU: one sequence for all calls that follow a {@code
 * torch.manual_seed}. With it layers give PyTorch's own masks; see {@link TorchCall}.
 *
 * <p>Each call takes as many numbers as PyTorch's would and leaves the generator behind them. So
 * the K-th call after seeding is PyTorch's K-th, when the K - 1 before it were made or {@linkplain
 * #advance skipped}. A sequence costs more than a {@link Generator}, which is better wherever
 * PyTorch's masks are not asked for. Safe to share between threads.
 */
public final class TorchGenerator {
    private TorchState state;

    private TorchGenerator(TorchState state) {
        this.state = state;
    }

    /**
     * The generator after {@code torch.manual_seed(seed)}.
     *
     * @param seed any 64 bits, of which PyTorch uses the low 32
     * @return a new generator
     */
    public static TorchGenerator seeded(long seed) {
        int[] words = new int[MersenneTwister.WORDS];
        MersenneTwister.seed((int) seed, words);
        return new TorchGenerator(TorchState.of(words, MersenneTwister.WORDS));
    }

    /**
     * A generator that goes on where another was saved.
     *
     * @param state what {@link #state()} gave
     * @return a new generator
     */
    public static TorchGenerator from(TorchState state) {
        return new TorchGenerator(Objects.requireNonNull(state, "state"));
    }

    /**
     * One call of a layer, and its backward pass. It takes its numbers at its first use.
     *
     * @param stream which of PyTorch's ways
     * @return a new call
     */
    public TorchCall next(TorchStream stream) {
        return new TorchCall(this, Objects.requireNonNull(stream, "stream"));
    }

    /** {@return the place that the next call begins at, to be saved} */
    public synchronized TorchState state() {
        return state;
    }

    /**
     * Goes on from another place.
     *
     * @param to what {@link #state()} gave here or elsewhere
     */
    public synchronized void restore(TorchState to) {
        state = Objects.requireNonNull(to, "to");
    }

    /**
     * Skips numbers, such as those of calls that were made elsewhere. They are computed all the same:
     * 10^9 of them take some seconds.
     *
     * @param outputs how many 32-bit outputs to skip, at least 0
     * @throws IllegalArgumentException if {@code outputs} is negative
     */
    public synchronized void advance(long outputs) {
        if (outputs < 0) {
            throw new IllegalArgumentException(
                    "outputs is " + outputs + ", allowed are 0 to 2^63 - 1");
        }
        int[] words = state.words();
        long left = outputs;
        long there = state.used();
        while (left > MersenneTwister.WORDS - there) {
            left -= MersenneTwister.WORDS - there;
            MersenneTwister.renew(words);
            there = 0;
        }
        state = TorchState.of(words, (int) (there + left));
    }

    /** The state. */
    @Override
    public String toString() {
        return "TorchGenerator[" + state() + "]";
    }
}
