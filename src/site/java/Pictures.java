import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DepthRates;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.FeatureAlphaDropout;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.layer.Zoneout;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the layers do to images of digits, drawn from what they did. */
final class Pictures {
    private static final String DIGITS = "/io/github/dropfuse/cli/demo/digits-images.npy";
    private static final String FOLDER = "src/site/layers/";
    private static final int COUNT = 6;
    private static final int SIDE = 8;
    private static final int PATCH = 2;

    /** One whose rows of samples and channels show every fate. */
    private static final long SEED = 2;

    private final Arena arena;
    private final Tensor digits;
    private final Tensor mirrored;
    private final Map<String, String> files = new LinkedHashMap<>();
    private Generator generator = Generator.seeded(SEED);

    private Pictures(Arena arena) throws IOException {
        this.arena = arena;
        try (InputStream resource = Pictures.class.getResourceAsStream(DIGITS)) {
            NpyFile file = NpyFile.of(MemorySegment.ofArray(resource.readAllBytes()), DIGITS);
            Tensor all = Tensor.allocate(arena, DType.FLOAT32, file.header().shape());
            file.read(0, all);
            digits = all.slice(0, COUNT);
        }
        mirrored = empty(digits);
        for (long i = 0; i < digits.size(); i++) {
            mirrored.set(i, digits.get(i / SIDE * SIDE + SIDE - 1 - i % SIDE));
        }
    }

    /**
     * Compares the repository's pictures with what the layers do.
     *
     * @param write whether to write those that differ
     * @return a line for each that differs
     */
    static List<String> check(Path root, boolean write) throws IOException {
        List<String> faults = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            Pictures pictures = new Pictures(arena);
            pictures.draw();
            for (Map.Entry<String, String> picture : pictures.files.entrySet()) {
                Path file = root.resolve(FOLDER + picture.getKey() + ".svg");
                if (write) {
                    Files.writeString(file, picture.getValue());
                } else if (!Files.exists(file)
                        || !Files.readString(file).equals(picture.getValue())) {
                    faults.add(
                            root.relativize(file) + " is not what the layer does;"
                                    + " -Dsite.pictures=write makes it anew");
                }
            }
        }
        return faults;
    }

    private void draw() {
        dropout();
        channels();
        dropPath();
        residual();
        keptSamples();
        zoneout();
        alpha();
        gaussian();
        dropBlock();
        tokenDrop();
        rates();
    }

    private void dropout() {
        Svg svg = begin("Dropout: single pixels of digits are dropped, of columns all pixels");
        svg.images("x", values(digits));
        row(svg, "Dropout, p = 0.1", new Dropout(0.1), digits);
        row(svg, "Dropout, p = 0.5", new Dropout(0.5), digits);
        Units columns = Units.noiseShape(-1, 1, -1);
        Dropout byColumn = new Dropout(0.3, Scaling.IN_TRAINING, columns);
        row(svg, "noise shape (-1, 1, -1), p = 0.3", byColumn, digits);
        end("dropout", svg);
    }

    private void channels() {
        Svg svg = begin("Channel dropout: whole lines, images and pairs of images are dropped");
        svg.images("x", values(digits));
        row(svg, "Dropout1d, p = 0.5: a channel is a line", new Dropout1d(0.5), digits);
        svg.together(2);
        row(svg, "Dropout2d, p = 0.5: a sample has two channels", new Dropout2d(0.5),
                digits.reshape(-1, 2, SIDE, SIDE));
        row(svg, "Dropout3d, p = 0.5: a channel has two slices", new Dropout3d(0.5),
                digits.reshape(1, -1, 2, SIDE, SIDE));
        end("channels", svg);
    }

    private void dropPath() {
        Svg svg = begin("DropPath: whole samples are dropped, or the whole batch");
        svg.images("x", values(digits));
        row(svg, "DropPath, p = 0.5", new DropPath(0.5), digits);
        DropPath batch = new DropPath(0.5, DropPath.Mode.BATCH, Scaling.IN_TRAINING);
        row(svg, "by batch, a call", batch, digits);
        while (batch.mask(arena, digits, generator.state()).kept() > 0) {
            generator.next();
        }
        row(svg, "by batch, another call", batch, digits);
        end("droppath", svg);
    }

    private void residual() {
        Svg svg = begin("DropoutAdd: a mirrored digit is added, without its dropped pixels");
        svg.images("residual", values(digits));
        svg.images("x", values(mirrored));
        PhiloxState state = generator.next();
        DropoutAdd dropout = new DropoutAdd(new Dropout(0.5, Scaling.NONE));
        Tensor out = empty(digits);
        dropout.forward(mirrored, digits, out, state);
        svg.images(
                "residual + drop(x), p = 0.5, not scaled",
                values(out), dropped(dropout, mirrored, state), Svg.Mark.DOT);
        end("dropoutadd", svg);

        svg = begin("DropPathAdd: a mirrored digit is added to the digit, or nothing");
        svg.images("residual", values(digits));
        svg.images("x", values(mirrored));
        state = generator.next();
        DropPathAdd path = new DropPathAdd(new DropPath(0.5));
        path.forward(mirrored, digits, out, state);
        svg.images("residual + drop(x), p = 0.5: where dropped, the residual", values(out));
        end("droppathadd", svg);
    }

    private void keptSamples() {
        Svg svg = begin("KeptSamples: some samples are gathered, and added back to their places");
        svg.images("x", values(digits));
        KeptSamples kept = KeptSamples.fixed(new DropPath(0.5), COUNT, generator.next());
        Tensor rows = Tensor.allocate(arena, DType.FLOAT32, kept.count(), SIDE, SIDE);
        kept.gather(digits, rows);
        svg.images("gathered: p = 0.5, " + kept.count() + " of " + COUNT, values(rows));
        kept.gather(mirrored, rows);
        svg.images("the branch of these alone, here a mirror", values(rows));
        Tensor out = empty(digits);
        out.copyFrom(digits);
        kept.scatterAdd(rows, out);
        svg.images("added back, × " + kept.scale(), values(out));
        end("keptsamples", svg);
    }

    private void zoneout() {
        Svg svg = begin("Zoneout: pixels are those of the digit, or of the digit before");
        svg.images("previous", values(digits));
        svg.images("h", values(mirrored));
        Zoneout zoneout = new Zoneout(0.3);
        PhiloxState state = generator.next();
        Tensor out = empty(digits);
        zoneout.forward(mirrored, digits, out, state);
        svg.images(
                "out, p = 0.3: dots are from before",
                values(out), dropped(zoneout, digits, state), Svg.Mark.DOT);
        end("zoneout", svg);
    }

    private void alpha() {
        double mean = 0;
        double squares = 0;
        for (long i = 0; i < digits.size(); i++) {
            mean += digits.get(i) / digits.size();
            squares += digits.get(i) * digits.get(i) / digits.size();
        }
        Tensor standard = empty(digits);
        for (long i = 0; i < digits.size(); i++) {
            standard.set(i, (digits.get(i) - mean) / Math.sqrt(squares - mean * mean));
        }
        Svg svg =
                begin(
                        "AlphaDropout: dropped pixels get a negative value, and all are moved to"
                                + " keep mean and variance");
        svg.scale(2);
        svg.images("x, of mean 0 and variance 1; below 0 violet", values(standard));
        PhiloxState state = generator.next();
        AlphaDropout alpha = new AlphaDropout(0.2);
        svg.images(
                "AlphaDropout, p = 0.2",
                forward(alpha, standard, state), dropped(alpha, standard, state), Svg.Mark.DOT);
        state = generator.next();
        FeatureAlphaDropout feature = new FeatureAlphaDropout(0.2, 1, Channels.FIRST);
        svg.images(
                "FeatureAlphaDropout, p = 0.2: a channel is a line",
                forward(feature, standard, state), dropped(feature, standard, state), Svg.Mark.DOT);
        end("alphadropout", svg);
    }

    private void gaussian() {
        Svg svg = begin("Gaussian layers: normal numbers multiply the values, or are added");
        svg.images("x", values(digits));
        for (double p : new double[] {0.1, 0.3}) {
            svg.images(
                    "GaussianDropout, p = " + p,
                    forward(new GaussianDropout(p), digits, generator.next()));
        }
        svg.images(
                "GaussianNoise, σ = 3; below 0 violet",
                forward(new GaussianNoise(3), digits, generator.next()));
        end("gaussian", svg);
    }

    private void dropBlock() {
        Svg svg = begin("DropBlock: squares of 3 by 3 pixels are dropped");
        svg.images("x", values(digits));
        DropBlock block = new DropBlock(2, 0.3, 3);
        Tensor images = digits.reshape(-1, 1, SIDE, SIDE);
        row(svg, "blocks of 3, p = 0.3", block, images);
        row(svg, "centres everywhere", block.with(DropBlock.Centres.EVERYWHERE), images);
        svg.together(2);
        PhiloxState state = generator.next();
        DropBlock shared = block.sharedByChannels(true);
        Tensor pairs = digits.reshape(-1, 2, SIDE, SIDE);
        float[] values = forward(shared, pairs, state);
        boolean[] dropped = new boolean[values.length];
        Mask mask = shared.mask(arena, pairs, state);
        for (int i = 0; i < dropped.length; i++) {
            int image = i / (SIDE * SIDE);
            dropped[i] = !mask.keeps(image / 2 * (SIDE * SIDE) + i % (SIDE * SIDE));
        }
        svg.images("shared by the two channels of a sample", values, dropped, Svg.Mark.HATCH);
        end("dropblock", svg);
    }

    /** Tokens are patches of 2 by 2 pixels. */
    private void tokenDrop() {
        Svg svg = begin("TokenDrop: half of the patches of each digit are left out");
        svg.images("x", values(digits));
        int patches = SIDE / PATCH * (SIDE / PATCH);
        Tensor tokens = Tensor.allocate(arena, DType.FLOAT32, COUNT, patches, PATCH * PATCH);
        for (int i = 0; i < digits.size(); i++) {
            tokens.set(token(i), digits.get(i));
        }
        for (double p : new double[] {0.25, 0.5}) {
            TokenDrop drop = new TokenDrop(p, 0);
            PhiloxState state = generator.next();
            int kept = drop.kept(patches);
            Tensor y = Tensor.allocate(arena, DType.FLOAT32, COUNT, kept, PATCH * PATCH);
            Tensor back = empty(tokens);
            drop.forward(tokens, y, state);
            drop.backward(y, back, state);
            Mask mask = drop.mask(arena, tokens, state);
            float[] values = new float[(int) digits.size()];
            boolean[] dropped = new boolean[values.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) back.get(token(i));
                dropped[i] = !mask.keeps(token(i) / (PATCH * PATCH));
            }
            svg.images(
                    "TokenDrop, p = " + p + ": " + kept + " of " + patches + " tokens of each",
                    values, dropped, Svg.Mark.GONE);
        }
        end("tokendrop", svg);
    }

    private static long token(int pixel) {
        int column = pixel % SIDE;
        int line = pixel / SIDE % SIDE;
        int token = line / PATCH * (SIDE / PATCH) + column / PATCH;
        int within = line % PATCH * PATCH + column % PATCH;
        return pixel / (SIDE * SIDE) * (SIDE * SIDE) + token * PATCH * PATCH + within;
    }

    private void rates() {
        Svg svg = begin("Rates of twelve blocks: rising evenly, all alike, and rising by stages");
        svg.bars("DepthRates.linear(0.2, 12)", DepthRates.linear(0.2, 12), 0.2);
        svg.bars("DepthRates.uniform(0.2, 12)", DepthRates.uniform(0.2, 12), 0.2);
        double[] stages = DepthRates.stagewise(0.2, 2, 2, 6, 2);
        svg.bars("DepthRates.stagewise(0.2, 2, 2, 6, 2)", stages, 0.2);
        end("schedules", svg);
    }

    /** Each picture has states of its own, so that one does not depend on those before. */
    private Svg begin(String description) {
        generator = Generator.seeded(SEED);
        return new Svg(description, COUNT, SIDE);
    }

    private void end(String name, Svg svg) {
        files.put(name, svg.toString());
    }

    private void row(Svg svg, String label, Layer layer, Tensor x) {
        PhiloxState state = generator.next();
        svg.images(label, forward(layer, x, state), dropped(layer, x, state), Svg.Mark.HATCH);
    }

    private float[] forward(Layer layer, Tensor x, PhiloxState state) {
        Tensor y = empty(x);
        layer.forward(x, y, state);
        return values(y);
    }

    private boolean[] dropped(Layer layer, Tensor x, PhiloxState state) {
        Mask mask = layer.mask(arena, x, state);
        Tensor ones = empty(x);
        boolean[] dropped = new boolean[(int) x.size()];
        if (layer instanceof Dropout plain && mask.units() < x.size()) {
            // A noise shape's units are no runs; what it does to ones shows them.
            ones.fill(1);
            Tensor y = empty(x);
            plain.forward(ones, y, state);
            for (int i = 0; i < dropped.length; i++) {
                dropped[i] = y.get(i) == 0;
            }
            return dropped;
        }
        for (int i = 0; i < dropped.length; i++) {
            dropped[i] = !mask.keeps(i / (x.size() / mask.units()));
        }
        return dropped;
    }

    private Tensor empty(Tensor like) {
        return Tensor.allocate(arena, like.dtype(), like.shape());
    }

    private static float[] values(Tensor x) {
        return x.toFloatArray();
    }
}
