package io.github.dropfuse.cli.apply;

import io.github.dropfuse.cli.apply.ApplyJob.Outcome;
import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.Failures;
import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.Printable;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.cli.common.Words;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.npy.PendingFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        customSynopsis = {
            "dropfuse apply [OPTIONS] --layer=LAYER IN.npy OUT.npy",
            "       dropfuse apply [OPTIONS] --layer=LAYER --out-dir=DIR IN...",
            "       dropfuse apply [OPTIONS] --layer=LAYER --in-place IN...",
            ""
        },
        description = {
            "Apply a layer to NumPy files of any size.",
            "Applies it as in training. Prints one line: how many units were kept, of how many, their"
                    + " scale, the backend, and all time; then the time of computing and that of"
                    + " reading, converting and writing files, each with the bytes read and written"
                    + " over it. With gaussiandropout and gaussiannoise, which drop nothing, there"
                    + " are how many elements and sigma in place of what was kept."
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
            "",
            "Several files, and the files *.npy of directories, are put in the order of their names"
                    + " without directories, by UTF-16 code units; two of one name are refused. File"
                    + " K, from 0 on, is call O + K of --offset O. So each has masks of its own, which"
                    + " do not depend on the order of the words, and `apply --offset` with the"
                    + " offset that its line shows gives the same for the file alone. With --mask"
                    + " all get the stored decisions. A directory for --residual, --mask and the"
                    + " like stands for its file of the input's name. All inputs are checked before"
                    + " the first result is written. The last line has the sums.",
            "",
            "- is standard output, or for one of the inputs standard input; both are kept in memory."
                    + " With - as OUT the line is printed to standard error."
                    + " Files are mapped: if one is cut short meanwhile, the system ends the process"
                    + " (SIGBUS)."
        })
public final class ApplyCommand implements Callable<Integer> {
    private final long partElements;
    private LayerArguments arguments;
    private Staging staging;

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

    @Option(names = "--in-place", description = "Put each result in its input's stead.")
    private boolean inPlace;

    @Option(
            names = {"-o", "--out-dir"},
            paramLabel = "DIR",
            description = "Put each result here, under its input's name. DIR is made if need be.")
    private Path directory;

    @Option(
            names = "--sha256",
            description = "Print the digest of the output's elements.")
    private boolean sha256;

    @Option(
            names = "--bfloat16",
            description = "All files hold bfloat16: its bits in uint16 or raw bytes (V2).")
    private boolean bfloat16;

    @Option(names = "--force", description = "Replace outputs that exist.")
    private boolean force;

    @Parameters(
            arity = "1..*",
            paramLabel = "IN",
            hideParamSyntax = true,
            description = {
                "IN.npy and OUT.npy, - for standard input and output; or inputs: files, and"
                        + " directories for their files *.npy."
            })
    private List<Path> names;

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
        arguments = new LayerArguments(choice, backward, spec.commandLine().getParseResult());
        arguments.check();
        draw.check();
        if (arguments.mask() == null) {
            draw.seed();
        }
        ApplyFiles files = ApplyFiles.of(names, directory, inPlace);
        staging = backend.staging();
        if (files.several()) {
            applyToAll(files);
            return 0;
        }
        ApplyFile file = files.all().getFirst();
        try (ApplyJob job = open(file);
                Progress progress = progress()) {
            progress.expect(job.work());
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Outcome outcome = job.write(force, partElements, progress);
            FileNames.lines(spec, file.out()).println(outcome.line());
            FileNames.noteOtherNames(spec, file.out(), outcome.otherNames());
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e);
        }
        return 0;
    }

    private ApplyJob open(ApplyFile file) throws IOException {
        boolean digested = sha256 || arguments.stream() != null;
        return new ApplyJob(file, arguments, draw, staging, bfloat16, digested);
    }

    private Progress progress() {
        return Progress.of(spec.commandLine().getErr(), "apply", 0);
    }

    /** Checks all files, and then computes one after the other. */
    private void applyToAll(ApplyFiles files) throws IOException {
        if (arguments.stream() != null) {
            throw new UsageException(
                    "--stream is for one file: where a call of PyTorch's generator begins depends on"
                            + " the sizes before it");
        }
        if (arguments.mask() == null) {
            draw.checkCalls(files.all().size());
        }
        List<Outcome> outcomes = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        try {
            try (Progress progress = progress()) {
                for (ApplyFile file : files.all()) {
                    progress.expect(check(files, file));
                }
                if (directory != null) {
                    Files.createDirectories(directory);
                }
                for (ApplyFile file : files.all()) {
                    Outcome outcome = write(file, outcomes.size(), files.all().size(), progress);
                    outcomes.add(outcome);
                    lines.add(line(file, outcome));
                }
            }
        } finally {
            lines.forEach(spec.commandLine().getOut()::println); // After the progress bar.
        }
        for (int i = 0; i < outcomes.size(); i++) {
            FileNames.noteOtherNames(spec, files.all().get(i).out(), outcomes.get(i).otherNames());
        }
        Throughput sum =
                outcomes.stream().map(Outcome::throughput).reduce(Throughput.NONE, Throughput::plus);
        spec.commandLine()
                .getOut()
                .println(
                        "files=" + outcomes.size() + " read=" + sum.read() + "B written="
                                + sum.written() + "B backend=" + staging + " " + sum);
    }

    private String line(ApplyFile file, Outcome outcome) {
        String offset =
                arguments.mask() == null ? " offset=" + draw.state(file.call()).offset() : "";
        return Printable.line(file.in().toString()) + ":" + offset + " " + outcome.line();
    }

    /** Refuses what cannot be computed or written; says how much work it is. */
    private long check(ApplyFiles files, ApplyFile file) throws IOException {
        for (Path other : ApplyRun.others(arguments, file)) {
            if (FileNames.isStandardInput(other)) {
                throw new UsageException("- is standard input, which is for one IN.npy only");
            }
            if (files.writes(other)) {
                throw new UsageException(
                        other + " is read for every file, and would be written in between");
            }
        }
        if (directory == null || Files.exists(directory)) {
            PendingFile.check(file.out(), file.isInPlace() || force);
        }
        try (ApplyJob job = open(file)) {
            return job.work();
        } catch (IllegalArgumentException | UnsupportedOperationException | UsageException e) {
            throw new UsageException(file.in() + ": " + e.getMessage());
        }
    }

    private Outcome write(ApplyFile file, int done, int all, Progress progress)
            throws IOException {
        try (ApplyJob job = open(file)) {
            return job.write(force, partElements, progress);
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    file.in() + ": " + Failures.message(e) + "; " + done + " of " + all
                            + " files were written before it",
                    e);
        }
    }
}
