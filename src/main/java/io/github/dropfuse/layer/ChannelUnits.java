package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;
import java.util.Arrays;

/** A unit is a channel of a sample. */
final class ChannelUnits extends Units {
    static final ChannelUnits OF_ANY_RANK = new ChannelUnits();

    private static final int ANY = -1;

    private final int spatial;
    private final Channels channels;

    private ChannelUnits() {
        this.spatial = ANY;
        this.channels = Channels.FIRST;
    }

    ChannelUnits(int spatial, Channels channels) {
        if (spatial < 0) {
            throw new IllegalArgumentException(
                    "spatialDimensions is " + spatial + ", allowed are 0 to 2^31 - 1");
        }
        this.spatial = spatial;
        this.channels = channels;
    }

    @Override
    void check(String name, Tensor x) {
        int rank = x.rank();
        if (spatial == ANY ? rank < 2 : rank != spatial + 1 && rank != spatial + 2) {
            throw new IllegalArgumentException(
                    name + " has rank " + rank + " (shape " + Arrays.toString(x.shape())
                            + "), allowed are " + allowedRanks());
        }
    }

    private String allowedRanks() {
        if (spatial == ANY) {
            return "2 and more, (N, C, …)";
        }
        return (spatial + 1) + " and " + (spatial + 2) + ", " + spatial
                + " spatial dimensions and one of channels, after one of samples or without";
    }

    @Override
    long count(Tensor x) {
        return x.size() == 0 ? 0 : x.size() / (run(x) * repeat(x));
    }

    @Override
    long run(Tensor x) {
        if (channels == Channels.LAST) {
            return 1;
        }
        return product(x, spatial == ANY ? 2 : x.rank() - spatial, x.rank());
    }

    @Override
    long cycle(Tensor x) {
        return channels == Channels.LAST ? x.extent(x.rank() - 1) : 1;
    }

    @Override
    long repeat(Tensor x) {
        int last = x.rank() - 1;
        return channels == Channels.LAST ? product(x, last - spatial, last) : 1;
    }

    private static long product(Tensor x, int from, int to) {
        long product = 1;
        for (int d = from; d < to; d++) {
            product *= x.extent(d);
        }
        return product;
    }

    @Override
    public String toString() {
        return "channels " + (channels == Channels.LAST ? "last" : "first");
    }
}
