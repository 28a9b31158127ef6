package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.LayerOptions;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Operand;
import io.github.dropfuse.layer.Options;
import io.github.dropfuse.layer.Pass;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Takes a layer over files, a part at a time. */
final class ApplyRun {
    private final LayerArguments arguments;
    private final DrawOptions draw;
    private final Staging staging;
    private final ApplyFile named;
    private final NpyInputs files;
    private final Arena arena;
    private final Pass pass;
    private final LayerType.Strength strength;
    private final DType dtype;
    private final long[] shape;
    private final Options values;
    private final Layer layer;
    private final NpyParts[] inputs;
    private final boolean[] shared;
    private long bytes;
    private TorchGenerator generator;
    private MaskSource source;
    private long kernelNanos;
    private long fileNanos;
    private long kept;
    private long total;

    /** Makes the layer, and opens and checks the files beside the input; the arena owns these. */
    ApplyRun(
            LayerArguments arguments,
            DrawOptions draw,
            Staging staging,
            NpyFile input,
            ApplyFile named,
            NpyInputs files,
            Arena arena)
            throws IOException {
        this.arguments = arguments;
        this.draw = draw;
        this.staging = staging;
        this.named = named;
        this.files = files;
        this.arena = arena;
        LayerType type = arguments.type();
        pass = arguments.pass();
        strength = type.strength();
        dtype = input.header().type().dtype();
        Options given = arguments.values();
        shape = type.inputs().finder().shape(given, pass, "IN.npy", input.header().shape());
        draw.checkBox("IN.npy", shape);
        values = withAnyExtents(given);
        layer = type.maker().make(values, shape).with(staging.execution());
        inputs = new NpyParts[pass.operands().size()];
        inputs[0] = new NpyParts(pass.operands().getFirst(), input, arena);
        bytes = input.header().dataSize();
        for (int i = 1; i < inputs.length; i++) {
            Operand operand = pass.operands().get(i);
            Path path = operand.written() ? null : arguments.file(operand);
            if (path != null) {
                NpyFile file = open(operand, beside(named, path));
                inputs[i] = new NpyParts(operand, file, arena);
                bytes += file.header().dataSize();
            }
        }
        shared = new boolean[shape.length];
        prepare();
    }

    /** A directory stands for its file that is called like the input. */
    private static Path beside(ApplyFile named, Path path) {
        return Files.isDirectory(path) ? path.resolve(named.in().getFileName()) : path;
    }

    /** The files that are read beside the input. */
    static List<Path> others(LayerArguments arguments, ApplyFile named) {
        List<Path> paths = new ArrayList<>();
        paths.add(arguments.mask());
        arguments.pass().operands().forEach(operand -> paths.add(arguments.file(operand)));
        return paths.stream().filter(Objects::nonNull).map(path -> beside(named, path)).toList();
    }

    /** A noise shape that fits gets -1 for the whole's extents, which parts do not have. */
    private Options withAnyExtents(Options given) {
        boolean takesNoise = arguments.type().options().contains(LayerOptions.NOISE_SHAPE);
        long[] noise = takesNoise ? given.get(LayerOptions.NOISE_SHAPE) : null;
        long[] whole = draw.wholeShape(shape);
        if (noise == null || noise.length > whole.length) {
            return given;
        }
        long[] any = noise.clone();
        for (int d = 0; d < any.length; d++) {
            long extent = whole[whole.length - any.length + d];
            if (any[d] != 1 && any[d] != -1 && any[d] != extent) {
                return given;
            }
            any[d] = any[d] == 1 ? 1 : -1;
        }
        return given.with(LayerOptions.NOISE_SHAPE, any);
    }

    private NpyFile open(Operand operand, Path path) throws IOException {
        String option = "--" + operand.name();
        if (operand.isVector() && shape.length == 0) {
            throw new UsageException(
                    "IN.npy has rank 0, with " + option + " allowed are 1 and more");
        }
        long[] wanted = operand.extents().of(layer, shape);
        NpyFile file = files.open(path, dtype == DType.BFLOAT16);
        DType found = file.header().type().dtype();
        if (found != dtype || !Arrays.equals(file.header().shape(), wanted)) {
            throw new UsageException(
                    option + " " + path + " is " + found + " "
                            + Arrays.toString(file.header().shape()) + ", allowed for IN.npy of "
                            + text(dtype, shape) + " is " + text(dtype, wanted));
        }
        return file;
    }

    private static String text(DType dtype, long[] shape) {
        return dtype + " " + Arrays.toString(shape);
    }

    /** The shape of the output. */
    long[] outputShape() {
        return pass.operands().get(pass.output()).extents().of(layer, shape);
    }

    /** The number of elements of the output. */
    long outputSize() {
        return Shapes.product(outputShape());
    }

    /** Computes all of the output in parts of about so many elements. */
    void compute(Tensor out, long partElements, Progress progress) {
        for (Box box : Box.parts(shape, depth(), partElements)) {
            long begun = System.nanoTime();
            Tensor[] operands = operands(out, box);
            bring(operands);
            long ready = System.nanoTime();
            fileNanos += ready - begun;
            boolean first = box.isFirst(shared);
            if (generator != null && first) {
                source = generator.next(arguments.stream().stream());
            }
            Shard shard = generator == null ? draw.shard(shape, box) : Shard.WHOLE;
            staging.run(operands, there -> pass.call().run(layer, there, source, shard));
            kernelNanos += System.nanoTime() - ready;
            if (first && strength.drops()) {
                count(operands, shard);
            }
            progress.add(operands[pass.output()].size());
        }
    }

    private void bring(Tensor[] operands) {
        for (int i = 0; i < operands.length; i++) {
            if (i == pass.output()) {
                MappedPages.write(operands[i]);
            } else if (operands[i] != null) {
                MappedPages.read(operands[i]);
            }
        }
    }

    /** How many of the first dimensions may be cut. */
    private int depth() {
        if (!pass.composes().test(layer)) {
            return 0;
        }
        boolean entries = generator != null || draw.start() != 0;
        return Math.min(shape.length, entries ? 1 : pass.cuts());
    }

    /** Finds what decides, and along which dimensions elements share their units. */
    private void prepare() throws IOException {
        boolean likeX = pass.operands().get(pass.output()).isLikeX();
        Tensor out = likeX ? outline() : null;
        long units = likeX ? layer.units(out) : 0;
        for (int d = 0; units > 0 && d < Math.min(pass.cuts(), shape.length); d++) {
            long[] one = shape.clone();
            one[d] = 1;
            Tensor thin = NpyParts.slice(out, Box.of(one));
            shared[d] = shape[d] > 1 && layer.units(thin) == units;
        }
        if (arguments.stream() != null) {
            prepareStream(units);
        } else if (arguments.mask() != null) {
            Path path = beside(named, arguments.mask());
            Mask mask = files.readMask(path);
            boolean exact = pass.cuts() >= shape.length && !draw.isShard();
            if (exact && mask.units() != units) {
                throw new UsageException(
                        "--mask " + path + " has " + mask.units()
                                + " elements, allowed for IN.npy of " + text(dtype, shape)
                                + " are " + units);
            }
            source = staging.source(arena, mask);
        } else {
            long entries = shape.length == 0 ? 1 : shared[0] ? 0 : shape[0];
            draw.checkUnits(units, entries);
            source = draw.state(named.call());
        }
    }

    /** Has the output's extents and no memory, as nothing else is asked for. */
    private Tensor outline() {
        long size = Shapes.product(shape) * dtype.byteSize();
        return Tensor.of(MemorySegment.NULL.reinterpret(size), dtype, shape);
    }

    private void prepareStream(long units) {
        long outputs = units * arguments.stream().stream().outputs(dtype, values.get(LayerOptions.P));
        long calls = arguments.calls();
        if (outputs > 0 && calls - 1 > Long.MAX_VALUE / outputs) {
            throw new UsageException(
                    "calls is " + calls + ", with " + units + " units allowed are 1 to "
                            + (Long.MAX_VALUE / outputs + 1));
        }
        generator = TorchGenerator.seeded(draw.seed());
        generator.advance((calls - 1) * outputs);
    }

    private Tensor[] operands(Tensor out, Box box) {
        Tensor[] operands = new Tensor[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            operands[i] = inputs[i] == null ? null : inputs[i].part(box, shape);
        }
        Box part = box.of(pass.operands().get(pass.output()), out.shape(), shape);
        operands[pass.output()] = NpyParts.slice(out, part);
        return operands;
    }

    /** Counts units; of layers that leave some rows out, those. */
    private void count(Tensor[] operands, Shard shard) {
        Tensor x = null;
        Tensor some = null;
        for (int i = 0; i < operands.length; i++) {
            Operand operand = pass.operands().get(i);
            x = operand.isLikeX() ? operands[i] : x;
            some = operand.isLikeX() || operand.isVector() ? some : operands[i];
        }
        if (some != null) {
            kept += rows(some);
            total += rows(x);
            return;
        }
        try (Arena ofPart = Arena.ofShared()) {
            Mask mask = Staging.near(ofPart, layer.mask(ofPart, x, source, shard));
            kept += mask.kept();
            total += mask.units();
        }
    }

    private static long rows(Tensor tensor) {
        return Arrays.stream(tensor.shape()).limit(tensor.rank() - 1).reduce(1, (a, b) -> a * b);
    }

    /** What was done, such as {@code kept=1 total=2 scale=2.0}. */
    String outcome(Tensor out) {
        double value = strength.value().of(layer, kept, total);
        String number =
                dtype == DType.FLOAT64 ? Double.toString(value) : Float.toString((float) value);
        return strength.drops()
                ? "kept=" + kept + " total=" + total + " scale=" + number
                : "total=" + out.size() + " sigma=" + number;
    }

    /** Time of computing. */
    long kernelNanos() {
        return kernelNanos;
    }

    /** Time of reading and converting inputs, and of making room for the output. */
    long fileNanos() {
        return fileNanos;
    }

    /** Bytes of all files that are read. */
    long bytes() {
        return bytes;
    }
}
