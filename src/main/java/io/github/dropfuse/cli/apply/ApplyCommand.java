package io.github.dropfuse.cli.apply;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Sha256;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.cli.common.Words;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.npy.NpyFile;
import io.github.dropfuse.npy.NpyOutput;
import io.github.dropfuse.npy.NpyType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dropfuse apply}. */
@Command(
        name = "apply",
        modelTransformer = LayerArguments.Adder.class,
        description = {
            "Apply a layer to NumPy files of any size.",
            "Applies it as in training.",
            "Prints one line: how many units were kept, of how many, their scale, the backend, the"
                    + " time of computing, and the bytes read and written over that time; with"
                    + " gaussiandropout and gaussiannoise, which drop nothing, how many elements"
                    + " and sigma in place of what was kept."
        },
        footer = {
            "",
            "--start counts entries of the first dimension, such as samples. A box is any part of a"
                    + " larger array, such as columns 4 to 7 of (6, 8) with --whole-shape 6,8"
                    + " --shard-from 0,4; with dropblock2d and dropblock3d it is whole images of some"
                    + " channels, with tokendrop whole samples.",
            "dropconnect is Dropout: IN.npy holds weights, or with --backward their gradient."
                    + " --backward makes the gradient of IN.npy; that of a residual is the output's"
                    + " own.",
            "",
            "IN.npy holds float16, float32, float64, uint8 or ml_dtypes' bfloat16, or uint16 with"
                    + " --bfloat16; uint8, Fortran order and the other byte order are converted. Units"
                    + " are numbered in C order always.",
            "A result appears under its name when it is complete and on the disk. So does"
                    + " --in-place, which puts it in IN.npy's stead, and needs room for both until"
                    + " then: a run that fails or is ended leaves IN.npy as it was. A replaced file's"
                    + " other hard links keep the old content, which is said.",
            "- is standard output, or for one of the inputs standard input; both are kept in memory."
                    + " With - as OUT the line is printed to standard error."
                    + " Files are mapped: if one is cut short meanwhile, the system ends the process"
                    + " (SIGBUS)."
        })
public final class ApplyCommand implements Callable<Integer> {
    private final long partElements;

    @Spec private CommandSpec spec;
    @Mixin private DrawOptions draw;
    @Mixin private BackendOptions backend;

    @Option(
            names = "--layer",
            required = true,
            paramLabel = "LAYER",
            converter = LayerNames.class,
            completionCandidates = LayerNames.class,
            description = "The layer: ${COMPLETION-CANDIDATES}.")
    private LayerType choice;

    @Option(
            names = "--backward",
            description = "IN.npy is the gradient of the output; make that of the input.")
    private boolean backward;

    @Option(names = "--in-place", description = "Put the result in IN.npy's stead.")
    private boolean inPlace;

    @Option(
            names = "--sha256",
            description = "Print the digest of the output's elements.")
    private boolean sha256;

    @Option(
            names = "--bfloat16",
            description = "All files hold bfloat16: its bits in uint16 or raw bytes (V2).")
    private boolean bfloat16;

    @Option(names = "--force", description = "Replace OUT.npy if it exists.")
    private boolean force;

    @Parameters(index = "0", paramLabel = "IN.npy", description = "The input; - reads standard input.")
    private Path in;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "OUT.npy",
            description = "The output, - for standard output; not with --in-place.")
    private Path out;

    private static final class LayerNames extends Words<LayerType> {
        LayerNames() {
            super(Catalogue.layers(), LayerType::name);
        }
    }

    /** With parts of the usual size. */
    ApplyCommand() {
        this(1L << 24);
    }

    /** With parts of about so many elements. */
    ApplyCommand(long partElements) {
        this.partElements = partElements;
    }

    @Override
    public Integer call() throws IOException {
        LayerArguments arguments =
                new LayerArguments(choice, backward, spec.commandLine().getParseResult());
        arguments.check();
        draw.check();
        if (arguments.mask() == null) {
            draw.seed();
        }
        checkOutput();
        try (Result result = compute(arguments)) {
            result.output.commit();
            FileNames.lines(spec, out).println(result.summary);
            FileNames.noteOtherNames(spec, inPlace ? in : out, result.output.otherNames());
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e);
        }
        return 0;
    }

    /** A complete file that has no name yet, and what to say of it. */
    private record Result(NpyOutput output, String summary) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            output.close();
        }
    }

    /** Lets go of all inputs in the end: Windows replaces no file that is mapped. */
    private Result compute(LayerArguments arguments) throws IOException {
        Staging staging = backend.staging();
        try (Arena arena = Arena.ofShared()) {
            NpyInputs inputs = new NpyInputs(arena);
            NpyFile input = inputs.open(in, bfloat16);
            if (inPlace && !input.isTensor()) {
                throw new IOException(
                        in + ": holds " + input.header() + ", which is converted; allowed in place"
                                + " are float16, bfloat16, float32 and float64 in C order and the"
                                + " machine's byte order. Name an OUT.npy");
            }
            ApplyRun run = new ApplyRun(arguments, draw, staging, input, inputs, arena);
            NpyOutput output = output(input.header().type().ofResults(), run.outputShape());
            try {
                boolean digested = sha256 || arguments.stream() != null;
                return new Result(output, run(run, output.tensor(), staging, digested));
            } catch (Throwable e) {
                try (output) {
                    throw e;
                }
            }
        }
    }

    private NpyOutput output(NpyType type, long[] shape) throws IOException {
        return FileNames.isStandardOutput(out)
                ? NpyOutput.standardOutput(type, shape)
                : NpyOutput.create(inPlace ? in : out, inPlace || force, type, shape);
    }

    private void checkOutput() throws IOException {
        if (inPlace && out != null) {
            throw new UsageException("--in-place and OUT.npy exclude each other");
        }
        if (!inPlace && out == null) {
            throw new UsageException("Missing OUT.npy, or --in-place");
        }
        boolean readsStandardInput = FileNames.isStandardInput(in);
        boolean readsStream =
                readsStandardInput || Files.exists(in) && !Files.isRegularFile(in);
        if (inPlace && readsStream) {
            throw new UsageException("--in-place needs a file, IN.npy is " + in);
        }
        boolean files = !inPlace && !readsStandardInput && !FileNames.isStandardOutput(out);
        if (files && Files.exists(in) && Files.exists(out) && Files.isSameFile(in, out)) {
            throw new UsageException("OUT.npy is IN.npy; --in-place is there for that");
        }
    }

    private String run(ApplyRun run, Tensor output, Staging staging, boolean digested)
            throws IOException {
        long work = output.size() + (digested ? output.byteSize() : 0);
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "apply", work)) {
            run.compute(output, partElements, progress);
            String line =
                    String.format(
                            Locale.ROOT,
                            "%s backend=%s time=%.6fs GB/s=%.2f",
                            run.outcome(output),
                            staging,
                            run.nanos() * 1e-9,
                            (double) (run.bytes() + output.byteSize()) / Math.max(1, run.nanos()));
            return digested ? line + " sha256=" + digest(output, progress) : line;
        }
    }

    private static String digest(Tensor output, Progress progress) {
        Sha256 digest = new Sha256();
        digest.update(output.segment(), progress);
        return digest.hex();
    }
}
