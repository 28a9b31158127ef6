package io.github.dropfuse.cli;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.npy.NpyFile;
import io.github.dropfuse.npy.PendingFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dropfuse demo}. */
@Command(
        name = "demo",
        description = {
            "Run the layers on images of handwritten digits, on every backend of this machine, and"
                    + " draw what they do.",
            "Prints a table: what was kept, whether all backends gave the same bits, and the"
                    + " throughput beside that of a plain copy of the same tensor."
        },
        footer = {
            "",
            "The digits: Optical Recognition of Handwritten Digits, E. Alpaydin, C. Kaynak, 1998,"
                    + " UCI Machine Learning Repository, CC BY 4.0."
        })
final class DemoCommand implements Callable<Integer> {
    /** One whose DropPath row shows both fates equally often. */
    private static final long SEED = 9;

    private static final int SHOWN = 10;

    @Spec private CommandSpec spec;
    @Mixin private BackendOptions backend;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "dropfuse-demo.png",
            description = "The picture; replaced if it exists (default ${DEFAULT-VALUE}).")
    private Path picture;

    @Override
    public Integer call() throws IOException {
        System.setProperty("java.awt.headless", "true");
        PrintWriter out = spec.commandLine().getOut();
        try (Arena arena = Arena.ofShared()) {
            Tensor digits = digits(arena);
            List<Backend> backends =
                    backend.isAsked()
                            ? List.of(backend.execution().backend())
                            : Backends.allStaged();
            String names =
                    backends.stream().map(Backend::toString).collect(Collectors.joining(", "));
            out.println("Dropfuse " + Version.text() + " on " + names);
            out.println(
                    digits.extent(0) + " images of handwritten digits (Alpaydin, Kaynak 1998, UCI,"
                            + " CC BY 4.0), float32");
            out.println();
            boolean equal = new DemoTable(out, backends, arena).print(digits);
            draw(digits.slice(0, SHOWN));
            out.println();
            out.println("Picture: " + picture);
            return equal ? 0 : 1;
        }
    }

    private static Tensor digits(Arena arena) throws IOException {
        String name = "digits-images.npy";
        try (InputStream resource = DemoCommand.class.getResourceAsStream(name)) {
            NpyFile file = NpyFile.of(MemorySegment.ofArray(resource.readAllBytes()), name);
            Tensor digits = Tensor.allocate(arena, DType.FLOAT32, file.header().shape());
            file.read(0, digits);
            return digits;
        }
    }

    private void draw(Tensor digits) throws IOException {
        DemoPicture drawing =
                new DemoPicture(
                        "Dropout and DropPath",
                        "Handwritten digits, as they are and after a layer in training; seed "
                                + SEED + ", the same mask on every device");
        drawing.addRow("input", List.of("ten samples, 8 × 8"), pixels(digits), null, 1);
        Generator generator = Generator.seeded(SEED);
        for (double p : new double[] {0.1, 0.3, 0.5}) {
            addRow(drawing, LayerChoice.DROPOUT, "Dropout", "pixel", p, digits, generator.next());
        }
        addRow(drawing, LayerChoice.DROPPATH, "DropPath", "sample", 0.5, digits, generator.next());
        try (PendingFile file = PendingFile.create(picture, true)) {
            drawing.write(Channels.newOutputStream(file.channel()));
            file.commit();
        }
    }

    private static void addRow(
            DemoPicture drawing,
            LayerChoice choice,
            String name,
            String unit,
            double p,
            Tensor digits,
            PhiloxState state) {
        try (Arena arena = Arena.ofConfined()) {
            ScaledDropout layer = choice.layer(p, Execution.automatic());
            Tensor y = Tensor.allocate(arena, digits.dtype(), digits.shape());
            layer.forward(digits, y, state);
            Mask mask = layer.mask(arena, digits, state);
            drawing.addRow(
                    name + "  p = " + p,
                    List.of(
                            "each " + unit + " dropped or kept",
                            String.format(
                                    Locale.ROOT,
                                    "%d of %d kept, × %.2f",
                                    mask.kept(),
                                    mask.units(),
                                    layer.trainingScale())),
                    pixels(y),
                    mask,
                    (int) (digits.size() / mask.units()));
        }
    }

    private static float[] pixels(Tensor tensor) {
        return tensor.segment().toArray(ValueLayout.JAVA_FLOAT);
    }
}
