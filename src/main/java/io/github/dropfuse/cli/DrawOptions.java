package io.github.dropfuse.cli;

import io.github.dropfuse.PhiloxState;
import picocli.CommandLine.Option;

/** What fixes every decision of a call. */
final class DrawOptions {
    @Option(
            names = "--p",
            required = true,
            paramLabel = "P",
            converter = Numbers.Probability.class,
            description = "Probability that a unit is dropped, 0 to 1.")
    private double p;

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

    double p() {
        return p;
    }

    PhiloxState state() {
        return new PhiloxState(seed, offset);
    }

    long start() {
        return start;
    }

    /** Refuses units past index 2^64 - 1. */
    void checkUnits(long units) {
        if (units > 0 && Long.compareUnsigned(start + (units - 1), start) < 0) {
            throw new UsageException(
                    "start is " + Long.toUnsignedString(start) + ", with " + units
                            + " units allowed are 0 to " + Long.toUnsignedString(-units));
        }
    }
}
