package io.github.dropfuse.cli;

import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.MaskStream;
import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Sha256;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.npy.PendingFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dropfuse mask}. */
@Command(
        name = "mask",
        description = {
            "Draw a packed mask, one bit a unit, 1 for kept, from the least significant bit on.",
            "Prints one line: kept=K sha256=HEX, the digest being that of the packed mask."
        })
final class MaskCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DrawOptions draw;
    @Mixin private BackendOptions backend;

    @Option(
            names = "--p",
            required = true,
            paramLabel = "P",
            converter = Numbers.Probability.class,
            description = "Probability that a unit is dropped, 0 to 1.")
    private double p;

    @Option(
            names = "--count",
            required = true,
            paramLabel = "N",
            converter = Numbers.Unsigned63.class,
            description = "Number of units, 0 to 2^63 - 1; start + count is at most 2^64.")
    private long count;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the packed mask here, raw.")
    private Path out;

    @Option(names = "--force", description = "Replace FILE if it exists.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        Execution execution = backend.execution();
        draw.checkUnits(count);
        Sha256 digest = new Sha256();
        long kept;
        if (out == null) {
            kept = draw(execution, digest::update);
        } else {
            try (PendingFile file = PendingFile.create(out, force)) {
                kept =
                        draw(
                                execution,
                                packed -> {
                                    digest.update(packed.duplicate());
                                    write(file, packed);
                                });
                file.commit();
            }
        }
        PrintWriter lines = spec.commandLine().getOut();
        lines.println("kept=" + kept + " sha256=" + digest.hex());
        return 0;
    }

    private long draw(Execution execution, MaskStream.Sink sink) throws IOException {
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "mask", count)) {
            return MaskStream.draw(
                    p, draw.state(), draw.start(), count, execution, progress, sink);
        }
    }

    private void write(PendingFile file, ByteBuffer packed) throws IOException {
        try {
            while (packed.hasRemaining()) {
                file.channel().write(packed);
            }
        } catch (IOException e) {
            throw new IOException(out + ": " + e.getMessage(), e);
        }
    }
}
