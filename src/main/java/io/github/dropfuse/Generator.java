package io.github.dropfuse;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Hands out one {@link PhiloxState} per layer call: a fixed seed, and an offset that counts the
 * calls. Safe to share between threads; each state is handed out once.
 *
 * <p>To save a generator keep its {@link #state()}; {@link #from} goes on from there, and {@link
 * #restore} puts a generator back that others hold.
 */
public final class Generator {
    /** No draw of the mask contract has this word in both c1 and c3: it counts units below 2^62. */
    private static final long SPLIT_DOMAIN = 0xFFFFFFFFL << 32;

    private final AtomicReference<PhiloxState> state;

    private Generator(PhiloxState state) {
        this.state = new AtomicReference<>(state);
    }

    /**
     * A generator at the first call of a seed.
     *
     * @param seed any 64 bits
     * @return a new generator at offset 0
     */
    public static Generator seeded(long seed) {
        return new Generator(new PhiloxState(seed, 0));
    }

    /**
     * A generator that goes on where another was saved.
     *
     * @param state what {@link #state()} gave
     * @return a new generator whose next state is {@code state}
     */
    public static Generator from(PhiloxState state) {
        return new Generator(Objects.requireNonNull(state, "state"));
    }

    /**
     * The state that the next call of {@link #next()} will hand out, without taking it.
     *
     * @return the generator's position, to be saved
     */
    public PhiloxState state() {
        return state.get();
    }

    /**
     * Goes on where a generator was saved: a checkpoint that is loaded puts the generator back that
     * its layers share.
     *
     * @param saved what {@link #state()} gave; the next state that is handed out
     */
    public void restore(PhiloxState saved) {
        state.set(Objects.requireNonNull(saved, "saved"));
    }

    /**
     * Takes one state, for one layer call and its backward pass.
     *
     * @return a state that this generator hands out only once
     * @throws IllegalStateException if all 2^63 - 1 offsets have been taken
     */
    public PhiloxState next() {
        return take(1);
    }

    /**
     * Skips calls, such as those that other workers make with the same seed.
     *
     * @param calls how many states to skip, at least 0
     * @throws IllegalArgumentException if {@code calls} is negative
     * @throws IllegalStateException if fewer than {@code calls} offsets are left
     */
    public void advance(long calls) {
        if (calls < 0) {
            throw new IllegalArgumentException(
                    "calls is " + calls + ", allowed are 0 to 2^63 - 1");
        }
        take(calls);
    }

    /**
     * Derives an independent stream, for a worker that draws on its own: another seed, the first
     * two words of the Philox block of this seed and {@code index}, in a range of counters that no
     * mask uses. It depends on the seed and the index alone, not on how far this generator has
     * come, so that workers get the same streams whenever they start. Different indexes of one seed
     * give different masks, except for the chance of about 2^-64 per pair that any two seeds meet.
     *
     * @param index the worker's number, any 64 bits
     * @return a new generator at offset 0
     */
    public Generator split(long index) {
        int[] words = new int[4];
        long low = index & 0xFFFFFFFFL | SPLIT_DOMAIN;
        long high = index >>> 32 | SPLIT_DOMAIN;
        Philox.block(low, high, state.get().seed(), words);
        return seeded(Integer.toUnsignedLong(words[1]) << 32 | Integer.toUnsignedLong(words[0]));
    }

    private PhiloxState take(long calls) {
        while (true) {
            PhiloxState now = state.get();
            if (now.offset() > Long.MAX_VALUE - calls) {
                throw new IllegalStateException(
                        "offset is " + now.offset() + " and cannot advance by " + calls
                                + " past 2^63 - 1");
            }
            if (state.compareAndSet(now, new PhiloxState(now.seed(), now.offset() + calls))) {
                return now;
            }
        }
    }

    /** The seed and the next offset. */
    @Override
    public String toString() {
        PhiloxState now = state.get();
        return "Generator[seed=" + now.seed() + ", offset=" + now.offset() + "]";
    }
}
