package io.github.dropfuse.cli;

import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.MaskStream;
import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Sha256;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.npy.PendingFile;
import java.io.IOException;
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
            "Draw a mask; print how many are kept, and its digest.",
            "The mask is packed: one bit a unit, 1 for kept, from the least significant bit on.",
            "Prints one line: kept=K sha256=HEX, the digest being that of the packed mask.",
            "With --whole-shape, units are the elements of a box of a larger tensor, row-major."
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
            paramLabel = "N",
            converter = Numbers.Unsigned63.class,
            description = "Number of units, 0 to 2^63 - 1; start + count is at most 2^64.")
    private Long count;

    @Option(
            names = "--shape",
            paramLabel = "N",
            split = ",",
            description = "With --whole-shape, in place of --count: the extents of the box.")
    private long[] shape;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Write the packed mask here, raw; to standard output for -, and the line to"
                            + " standard error.")
    private Path out;

    @Option(names = "--force", description = "Replace FILE if it exists.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        check();
        Staging staging = backend.staging();
        Sha256 digest = new Sha256();
        long kept;
        if (out == null) {
            kept = draw(staging, digest::update);
        } else {
            try (PendingFile file = FileNames.output(out, force)) {
                kept =
                        draw(
                                staging,
                                packed -> {
                                    digest.update(packed.duplicate());
                                    write(file, packed);
                                });
                file.commit();
                FileNames.noteOtherNames(spec, out, file.otherNames());
            }
        }
        FileNames.lines(spec, out).println("kept=" + kept + " sha256=" + digest.hex());
        return 0;
    }

    private void check() {
        draw.check();
        String size = draw.isBox() ? "--shape" : "--count";
        if (draw.isBox() && count != null || !draw.isBox() && shape != null) {
            throw new UsageException(
                    draw.isBox()
                            ? "--count and --whole-shape exclude each other"
                            : "--shape is for --whole-shape");
        }
        if (count == null && shape == null) {
            throw new UsageException("Missing required option: '" + size + "=N'");
        }
        draw.seed();
        shape = shape == null ? new long[] {count} : shape;
        draw.checkBox("--shape", shape);
        if (!draw.isBox()) {
            draw.checkUnits(count, count);
        }
    }

    private long draw(Staging staging, MaskStream.Sink sink) throws IOException {
        long units = Shapes.product(shape);
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "mask", units)) {
            return new MaskStream(sink).draw(p, draw, shape, staging, progress);
        }
    }

    private void write(PendingFile file, ByteBuffer packed) throws IOException {
        try {
            while (packed.hasRemaining()) {
                file.channel().write(packed);
            }
        } catch (IOException e) {
            String name = FileNames.isStandardOutput(out) ? "standard output" : out.toString();
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }
}
