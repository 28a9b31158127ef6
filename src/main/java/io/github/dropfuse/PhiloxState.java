package io.github.dropfuse;

/**
 * What stands for a mask: with the drop probability and a unit's index it fixes whether the unit is
 * kept. These 16 bytes are all that the backward pass needs to have the forward pass's mask again.
 *
 * @param seed the generator's key, any 64 bits
 * @param offset the number of the call, at least 0; each layer call takes one
 */
public record PhiloxState(long seed, long offset) implements MaskSource {
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
}
