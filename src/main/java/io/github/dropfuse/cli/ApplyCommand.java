package io.github.dropfuse.cli;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.npy.NpyFile;
import io.github.dropfuse.npy.NpyOutput;
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
        description = {
            "Apply a layer, as in training, to a NumPy file of any size.",
            "Prints one line: how many units were kept, of how many, their scale, the backend, the"
                    + " time of computing, and the bytes of input and output over that time."
        },
        footer = {
            "",
            "IN.npy holds float16, float32, float64 or uint8, in C order; uint8 and the other byte"
                    + " order are converted. NumPy has no bfloat16.",
            "A result appears under its name when it is complete. So does --in-place, which puts"
                    + " it in IN.npy's stead, and needs room for both until then: a run that fails"
                    + " or is ended leaves IN.npy as it was."
        })
final class ApplyCommand implements Callable<Integer> {
    private static final long CHUNK_ELEMENTS = 1L << 24;

    @Spec private CommandSpec spec;
    @Mixin private DrawOptions draw;
    @Mixin private BackendOptions backend;

    @Option(
            names = "--layer",
            required = true,
            paramLabel = "LAYER",
            converter = LayerChoice.Converter.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private LayerChoice choice;

    @Option(
            names = "--backward",
            description = "IN.npy is the gradient of the output; make that of the input.")
    private boolean backward;

    @Option(names = "--in-place", description = "Put the result in IN.npy's stead.")
    private boolean inPlace;

    @Option(names = "--force", description = "Replace OUT.npy if it exists.")
    private boolean force;

    @Parameters(index = "0", paramLabel = "IN.npy", description = "The input.")
    private Path in;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "OUT.npy",
            description = "The output; not with --in-place.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        Execution execution = backend.execution();
        ScaledDropout layer =
                UsageException.check(() -> choice.layer(draw.p(), execution));
        checkOutput();
        try (Arena arena = Arena.ofShared()) {
            NpyFile input = NpyFile.open(in, arena);
            if (inPlace && !input.isTensor()) {
                throw new IOException(
                        in + ": holds " + input.header() + ", which is converted; allowed in place"
                                + " are float16, float32 and float64 in the machine's byte order");
            }
            try (NpyOutput output =
                    NpyOutput.create(
                            inPlace ? in : out,
                            inPlace || force,
                            input.header().type().dtype(),
                            input.header().shape())) {
                String summary = run(layer, input, output.tensor());
                output.commit();
                spec.commandLine().getOut().println(summary);
            }
        }
        return 0;
    }

    private void checkOutput() throws IOException {
        if (inPlace && out != null) {
            throw new UsageException("--in-place and OUT.npy exclude each other");
        }
        if (!inPlace && out == null) {
            throw new UsageException("Missing OUT.npy, or --in-place");
        }
        if (!inPlace && Files.exists(in) && Files.exists(out) && Files.isSameFile(in, out)) {
            throw new UsageException("OUT.npy is IN.npy; --in-place is there for that");
        }
    }

    private String run(ScaledDropout layer, NpyFile input, Tensor output) throws IOException {
        Tensor y = choice.view(output);
        long units = layer.units(y);
        draw.checkUnits(units);
        try (Progress progress =
                Progress.of(spec.commandLine().getErr(), "apply", y.size() + units)) {
            long nanos = compute(layer, input, y, progress);
            long kept =
                    MaskStream.kept(
                            draw.p(), draw.state(), draw.start(), units, layer.execution(),
                            progress);
            double bytes = (double) input.header().dataSize() + y.byteSize();
            return String.format(
                    Locale.ROOT,
                    "kept=%d total=%d scale=%s backend=%s time=%.6fs GB/s=%.2f",
                    kept,
                    units,
                    scale(layer, y.dtype()),
                    layer.execution().backend(),
                    nanos * 1e-9,
                    bytes / Math.max(1, nanos));
        }
    }

    private long compute(ScaledDropout layer, NpyFile input, Tensor y, Progress progress) {
        if (y.size() == 0) {
            return 0;
        }
        PhiloxState state = draw.state();
        Tensor x = input.isTensor() ? choice.view(input.tensor()) : null;
        long rows = y.extent(0);
        long rowSize = y.size() / rows;
        long rowUnits = layer.units(y) / rows;
        long step = Math.max(1, CHUNK_ELEMENTS / rowSize);
        long nanos = 0;
        for (long from = 0; from < rows; from += step) {
            long to = Math.min(rows, from + step);
            long start = draw.start() + from * rowUnits;
            Tensor outPart = y.slice(from, to);
            long begun = System.nanoTime();
            Tensor inPart = x == null ? outPart : x.slice(from, to);
            if (x == null) {
                input.read(from * rowSize, outPart);
            }
            if (backward) {
                layer.backward(inPart, outPart, state, start);
            } else {
                layer.forward(inPart, outPart, state, start);
            }
            nanos += System.nanoTime() - begun;
            progress.add(outPart.size());
        }
        return nanos;
    }

    /** As it is multiplied with: in the compute type. */
    private static String scale(ScaledDropout layer, DType dtype) {
        double scale = layer.trainingScale();
        return dtype.computesIn() == DType.FLOAT64
                ? Double.toString(scale)
                : Float.toString((float) scale);
    }
}
