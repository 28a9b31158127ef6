package io.github.dropfuse.cli.apply;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Sha256;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.npy.NpyFile;
import io.github.dropfuse.npy.NpyOutput;
import io.github.dropfuse.npy.NpyType;
import java.io.IOException;
import java.lang.foreign.Arena;

/** One file of a command, whose inputs are open and checked. */
final class ApplyJob implements AutoCloseable {
    private final ApplyFile file;
    private final Staging staging;
    private final boolean digested;
    private final long begun = System.nanoTime();
    private final Arena arena = Arena.ofShared();
    private final NpyType type;
    private final ApplyRun run;
    private final long opening;

    /** What was done. */
    record Outcome(String line, Throughput throughput, int otherNames) {}

    /**
     * Opens all that is read, and refuses what does not fit.
     *
     * @param file the file
     * @param arguments the layer
     * @param draw what fixes the decisions
     * @param staging where to compute
     * @param bfloat16 whether files hold its bits
     * @param digested whether the output's digest is wanted
     */
    ApplyJob(
            ApplyFile file,
            LayerArguments arguments,
            DrawOptions draw,
            Staging staging,
            boolean bfloat16,
            boolean digested)
            throws IOException {
        this.file = file;
        this.staging = staging;
        this.digested = digested;
        try {
            NpyInputs inputs = new NpyInputs(arena);
            NpyFile input = inputs.open(file.in(), bfloat16);
            if (file.isInPlace() && !input.isTensor()) {
                throw new IOException(
                        file.in() + ": holds " + input.header() + ", which is converted; allowed in"
                                + " place are float16, bfloat16, float32 and float64 in C order and"
                                + " the machine's byte order. Name an OUT.npy");
            }
            type = input.header().type().ofResults();
            run = new ApplyRun(arguments, draw, staging, input, file, inputs, arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
        opening = System.nanoTime() - begun;
    }

    /** The work, as a progress bar counts it. */
    long work() {
        long elements = run.outputSize();
        return elements + (digested ? elements * type.byteSize() : 0);
    }

    /** Computes the output, and gives it its name when it is on the disk. */
    Outcome write(boolean replace, long partElements, Progress progress) throws IOException {
        long before = System.nanoTime();
        try (NpyOutput output = output(replace)) {
            long creating = System.nanoTime() - before;
            Tensor tensor = output.tensor();
            run.compute(tensor, partElements, progress);
            String outcome = run.outcome(tensor);
            long written = tensor.byteSize();
            String digest = digested ? " sha256=" + digest(tensor, progress) : "";
            arena.close(); // Windows replaces no file that is mapped.
            long computed = System.nanoTime();
            output.commit();
            long ended = System.nanoTime();
            long files = opening + creating + run.fileNanos() + (ended - computed);
            Throughput throughput =
                    new Throughput(
                            run.bytes(), written, run.kernelNanos(), files,
                            opening + (ended - before));
            String line = outcome + " backend=" + staging + " " + throughput + digest;
            return new Outcome(line, throughput, output.otherNames());
        }
    }

    private NpyOutput output(boolean replace) throws IOException {
        return FileNames.isStandardOutput(file.out())
                ? NpyOutput.standardOutput(type, run.outputShape())
                : NpyOutput.create(file.out(), file.isInPlace() || replace, type, run.outputShape());
    }

    private static String digest(Tensor output, Progress progress) {
        Sha256 digest = new Sha256();
        digest.update(output.segment(), progress);
        return digest.hex();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
