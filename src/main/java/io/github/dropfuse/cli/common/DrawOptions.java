package io.github.dropfuse.cli.common;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import picocli.CommandLine.Option;

/** What fixes every decision of a call, beside p. */
public final class DrawOptions {
    @Option(
            names = "--seed",
            required = true,
            paramLabel = "S",
            converter = Numbers.Any64.class,
            description = "The generator's key, any 64 bits: signed, unsigned or 0x hexadecimal.")
    private long seed;

    @Option(
            names = "--offset",
            paramLabel = "O",
            defaultValue = "0",
            converter = Numbers.Unsigned63.class,
            description = "Number of the call, 0 to 2^63 - 1 (default ${DEFAULT-VALUE}).")
    private long offset;

    @Option(
            names = "--start",
            paramLabel = "I",
            defaultValue = "0",
            converter = Numbers.Unsigned64.class,
            description =
                    "Index of the first unit in the whole that this is a shard of, 0 to 2^64 - 1"
                            + " (default ${DEFAULT-VALUE}).")
    private long start;

    public long seed() {
        return seed;
    }

    public PhiloxState state() {
        return new PhiloxState(seed, offset);
    }

    public long start() {
        return start;
    }

    /** Refuses units past index 2^64 - 1. */
    public void checkUnits(long units) {
        if (units > 0 && Long.compareUnsigned(start + (units - 1), start) < 0) {
            throw new UsageException(
                    "start is " + Long.toUnsignedString(start) + ", with " + units
                            + " units allowed are 0 to " + Long.toUnsignedString(-units));
        }
    }

    /** Refuses samples past the index {@code last}, where {@code start} is that of the first one. */
    public void checkSamples(Tensor samples, long last) {
        long count = samples.rank() == 0 ? 0 : samples.extent(0);
        long most = last - Math.max(0, count - 1);
        if (start < 0 || start > most) {
            throw new UsageException(
                    "--start is " + Long.toUnsignedString(start) + ", with " + count
                            + " samples allowed are 0 to " + most);
        }
    }
}
