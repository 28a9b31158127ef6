package io.github.dropfuse.cli.demo;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.Printable;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.Version;
import io.github.dropfuse.layer.Layer;
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
            "Run the layers on images of digits and draw the results.",
            "Every backend of this machine runs them, and the digits are handwritten.",
            "Prints a table: what was kept, whether all backends gave the same bits, and the"
                    + " throughput beside that of a plain copy of the same tensor."
        },
        footer = {
            "",
            "The digits: Optical Recognition of Handwritten Digits, E. Alpaydin, C. Kaynak, 1998,"
                    + " UCI Machine Learning Repository, CC BY 4.0."
        })
public final class DemoCommand implements Callable<Integer> {
    /** One whose rows of DropPath and channels show every fate. */
    private static final long SEED = 2;

    private static final int SHOWN = 10;

    @Spec private CommandSpec spec;
    @Mixin private BackendOptions backend;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "dropfuse-demo.png",
            description =
                    "The picture; replaced if it exists (default ${DEFAULT-VALUE}). To standard"
                            + " output for -, and the lines to standard error.")
    private Path picture;

    @Override
    public Integer call() throws IOException {
        System.setProperty("java.awt.headless", "true");
        PrintWriter out = FileNames.lines(spec, picture);
        try (Arena arena = Arena.ofShared();
                PendingFile file = FileNames.output(picture, true)) {
            Tensor digits = digits(arena);
            List<Staging> places = backend.orAll(Staging::all);
            String names =
                    places.stream().map(Staging::toString).collect(Collectors.joining(", "));
            out.println("Dropfuse " + Version.text() + " on " + names);
            out.println(
                    digits.extent(0) + " images of handwritten digits (Alpaydin, Kaynak 1998, UCI,"
                            + " CC BY 4.0), float32");
            out.println();
            boolean equal = new DemoTable(out, places, arena).print(digits);
            draw(digits.slice(0, SHOWN), file);
            out.println();
            out.println("Picture: " + Printable.line(picture.toString()));
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

    private void draw(Tensor digits, PendingFile file) throws IOException {
        DemoPicture drawing =
                new DemoPicture(
                        "The drop family",
                        "Handwritten digits, as they are and after a layer in training; seed "
                                + SEED + ", the same mask on every device");
        float[] pixels = digits.segment().toArray(ValueLayout.JAVA_FLOAT);
        drawing.addRow(
                new DemoPicture.Row(
                        "input", List.of("ten samples, 8 × 8"), pixels,
                        new boolean[pixels.length], 1, false));
        Generator generator = Generator.seeded(SEED);
        try (Arena arena = Arena.ofConfined()) {
            for (double p : new double[] {0.1, 0.3, 0.5}) {
                drawing.addRow(row(arena, DemoLayer.DROPOUT, p, digits, generator.next()));
            }
            drawing.addRow(row(arena, DemoLayer.DROPPATH, 0.5, digits, generator.next()));
            drawing.addRow(row(arena, DemoLayer.DROPOUT2D, 0.5, digits, generator.next()));
            drawing.addRow(row(arena, DemoLayer.DROPBLOCK2D, 0.3, digits, generator.next()));
            drawing.addRow(row(arena, DemoLayer.TOKENDROP, 0.5, digits, generator.next()));
        }
        drawing.write(Channels.newOutputStream(file.channel()));
        file.commit();
        FileNames.noteOtherNames(spec, picture, file.otherNames());
    }

    private static DemoPicture.Row row(
            Arena arena, DemoLayer demo, double p, Tensor digits, PhiloxState state) {
        Layer layer = demo.make(p);
        Tensor x = demo.view(digits, arena);
        Tensor y = Tensor.allocate(arena, x.dtype(), demo.outputShape(layer, x));
        layer.forward(x, y, state);
        boolean leavesOut = demo == DemoLayer.TOKENDROP;
        if (leavesOut) {
            // The view is a copy, which gets back what was kept, in its places.
            layer.backward(y, x, state);
        }
        Mask kept = layer.mask(arena, x, state);
        long run = digits.size() / kept.units();
        int size = Math.toIntExact(digits.size());
        float[] pixels = new float[size];
        boolean[] dropped = new boolean[size];
        for (int pixel = 0; pixel < size; pixel++) {
            long place = demo.place(pixel);
            pixels[pixel] = (float) (leavesOut ? x : y).get(place);
            dropped[pixel] = !kept.keeps(place / run);
        }
        String counts =
                String.format(
                        Locale.ROOT, "%d of %d kept, × %.2f", kept.kept(), kept.units(),
                        demo.factor(layer));
        return new DemoPicture.Row(
                demo.title() + "  p = " + p,
                List.of(demo.note(), counts),
                pixels,
                dropped,
                demo == DemoLayer.DROPOUT2D ? 2 : 1,
                leavesOut);
    }
}
