package io.github.dropfuse.cli.verify;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.layer.Pass.Source;
import java.util.Arrays;

/**
 * What decides in a verified call, and where x lies in a larger tensor: it begins at an entry, or is a
 * box, or it is all there is.
 *
 * @param source what decides; null where nothing does
 * @param state the numbers that it is drawn from, or PyTorch's seed and numbers that were used up
 * @param start index of the first entry
 * @param whole where the box begins, and the larger tensor's shape; null for none
 * @param units how many units a stored mask has
 */
record Decisions(Source source, PhiloxState state, long start, Box whole, long units) {
    private static final int MOST_SKIPPED = 2000;

    boolean isTorch() {
        return source != null && source.stream() != null;
    }

    /** Outputs of PyTorch's generator before the call. */
    long skipped() {
        return state.offset() % MOST_SKIPPED;
    }

    /** The place of a part of x. */
    Shard shard(long[] shape, Box part) {
        return part.shard(whole, start, shape);
    }

    @Override
    public String toString() {
        String place =
                whole != null
                        ? ", box from " + Arrays.toString(whole.from()) + " of "
                                + Arrays.toString(whole.shape())
                        : ", start=" + Long.toUnsignedString(start);
        return source == null
                ? "no decisions"
                : switch (source) {
                    case STATE ->
                            "seed=" + state.seed() + " offset=" + state.offset() + place;
                    case MASK -> "stored mask" + place;
                    case PYTORCH_RAND, PYTORCH_DROPOUT ->
                            "seed=" + state.seed() + " skipped=" + skipped();
                };
    }
}
