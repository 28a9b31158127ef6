package io.github.dropfuse.cli.common;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import java.util.Arrays;
import picocli.CommandLine.Option;

/** What fixes every decision of a call, beside p. */
public final class DrawOptions {
    @Option(
            names = "--seed",
            paramLabel = "S",
            converter = Numbers.Any64.class,
            description = "The generator's key, any 64 bits: signed, unsigned or 0x hexadecimal.")
    private Long seed;

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
            converter = Numbers.Unsigned64.class,
            description =
                    "Index of the first entry of the first dimension, or of a mask's first unit, in"
                            + " the whole that this is a shard of, 0 to 2^64 - 1 (default 0).")
    private Long start;

    @Option(
            names = "--whole-shape",
            paramLabel = "N",
            split = ",",
            description =
                    "Shape of the whole that this is a box of, such as 6,8; with --shard-from in"
                            + " place of --start.")
    private long[] wholeShape;

    @Option(
            names = "--shard-from",
            paramLabel = "N",
            split = ",",
            description = "Where the box begins in the whole, such as 0,4.")
    private long[] from;

    /** The seed, which has to be given. */
    public long seed() {
        if (seed == null) {
            throw new UsageException("Missing required option: '--seed=S'");
        }
        return seed;
    }

    public PhiloxState state() {
        return state(0);
    }

    /** The state of a later call. */
    public PhiloxState state(long call) {
        return new PhiloxState(seed(), offset + call);
    }

    /** Refuses calls past number 2^63 - 1. */
    public void checkCalls(long calls) {
        if (offset > Long.MAX_VALUE - (calls - 1)) {
            throw new UsageException(
                    "offset is " + offset + ", with " + calls + " files allowed are 0 to "
                            + (Long.MAX_VALUE - (calls - 1)));
        }
    }

    public long start() {
        return start == null ? 0 : start;
    }

    /** Whether there is a whole shape. */
    public boolean isBox() {
        return wholeShape != null || from != null;
    }

    /** Whether there is a whole shape, or a start. */
    public boolean isShard() {
        return isBox() || start() != 0;
    }

    /** Refuses one of two options that belong together, and contradictions. */
    public void check() {
        if (isBox() && (wholeShape == null || from == null)) {
            throw new UsageException(
                    wholeShape == null
                            ? "--shard-from is for --whole-shape"
                            : "--whole-shape is for --shard-from");
        }
        if (isBox() && start != null) {
            throw new UsageException("--start and --whole-shape exclude each other");
        }
        if (isBox()) {
            UsageException.check(() -> Shard.of(wholeShape, from));
        }
    }

    /** Refuses a box that is not within the whole. */
    public void checkBox(String name, long[] shape) {
        if (!isBox()) {
            return;
        }
        if (!new Box(from, shape).isWithin(wholeShape)) {
            throw new UsageException(
                    name + " has shape " + Arrays.toString(shape) + ", which from "
                            + Arrays.toString(from) + " on is not within --whole-shape "
                            + Arrays.toString(wholeShape));
        }
    }

    /** The shape of the whole, where something of a shape is a box of it, or else that shape. */
    public long[] wholeShape(long[] shape) {
        return isBox() ? wholeShape.clone() : shape;
    }

    /** Where a part lies of what these options tell of. */
    public Shard shard(long[] shape, Box part) {
        return part.shard(isBox() ? new Box(from, wholeShape) : null, start(), shape);
    }

    /** Refuses units of some entries past index 2^64 - 1; entries that share all have none. */
    public void checkUnits(long units, long entries) {
        if (units == 0 || entries == 0) {
            return;
        }
        long each = units / entries;
        long all = Long.divideUnsigned(-1, each);
        long most = all - entries + (all * each + each == 0 ? 1 : 0);
        if (Long.compareUnsigned(start(), most) > 0) {
            throw new UsageException(
                    "start is " + Long.toUnsignedString(start()) + ", with " + units
                            + " units allowed are 0 to " + Long.toUnsignedString(most));
        }
    }
}
