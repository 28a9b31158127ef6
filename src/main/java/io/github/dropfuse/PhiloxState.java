package io.github.dropfuse;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands for a mask: with the drop probability and a unit's index it fixes whether the unit is
 * kept. These 16 bytes are all that the backward pass needs to have the forward pass's mask again.
 *
 * <p>{@link #toString()} is a short text for checkpoints and configurations, such as {@code
 * philox:42:7}, that {@link #parse} reads in every later version.
 *
 * @param seed the generator's key, any 64 bits
 * @param offset the number of the call, at least 0; each layer call takes one
 */
public record PhiloxState(long seed, long offset) implements MaskSource, Serializable {
    private static final Pattern TEXT = Pattern.compile("philox:(-?[0-9]{1,19}):([0-9]{1,19})");

    /**
     * Checks the range of the offset.
     *
     * @throws IllegalArgumentException if {@code offset} is negative
     */
    public PhiloxState {
        if (offset < 0) {
            throw new IllegalArgumentException(
                    "offset is " + offset + ", allowed are 0 to 2^63 - 1");
        }
    }

    /**
     * Reads a state back.
     *
     * @param text what {@link #toString()} gave
     * @return the state
     * @throws IllegalArgumentException if it is anything else
     */
    public static PhiloxState parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        try {
            if (matcher.matches()) {
                return new PhiloxState(
                        Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
            }
        } catch (NumberFormatException outOfRange) {
            // refused below
        }
        throw new IllegalArgumentException(
                "state is '" + text + "', allowed is philox:SEED:OFFSET with 64-bit numbers, the"
                        + " offset at least 0");
    }

    /** {@code philox:seed:offset}, for {@link #parse}. */
    @Override
    public String toString() {
        return "philox:" + seed + ":" + offset;
    }
}
