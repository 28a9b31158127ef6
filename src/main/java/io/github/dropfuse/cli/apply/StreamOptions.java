package io.github.dropfuse.cli.apply;

import io.github.dropfuse.TorchStream;
import io.github.dropfuse.cli.common.Numbers;
import picocli.CommandLine.Option;

/** PyTorch's own masks. */
final class StreamOptions {
    @Option(
            names = "--stream",
            paramLabel = "STREAM",
            converter = Words.OfStream.class,
            description = {
                "pytorch-rand or pytorch-dropout: the masks and the arithmetic of PyTorch's CPU"
                        + " generator, seeded with S, in modules written with torch.rand or in"
                        + " torch.nn.functional.dropout. Prints the output's digest.",
                "dropout, dropout1d, dropout2d, dropout3d, droppath, dropconnect; without --offset"
                        + " and --start."
            })
    private TorchStream stream;

    @Option(
            names = "--calls",
            paramLabel = "K",
            converter = Numbers.Positive63.class,
            description =
                    "With --stream: make the K-th call after seeding (default 1). The numbers of the"
                            + " calls before it are made too, one or two a unit, so that time grows"
                            + " with K: by some 0.4 s for 10^9 numbers.")
    private long calls = 1;

    /** Null for the mask contract's. */
    TorchStream stream() {
        return stream;
    }

    long calls() {
        return calls;
    }
}
