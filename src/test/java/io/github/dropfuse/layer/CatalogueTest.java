package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CatalogueTest {
    /** Rows of the README's table that are about no layer of the catalogue. */
    private static final List<String> OTHER_ROWS =
            List.of("| `Dropout` by noise shape |", "| `KeptSamples`", "| `DepthRates`, `Schedule`");

    static List<LayerType> layers() {
        return Catalogue.layers();
    }

    static Stream<Example> examples() {
        return layers().stream().flatMap(type -> type.examples().stream());
    }

    @Test
    void theTableOfTheReadmeIsThatOfTheCatalogue() throws IOException {
        Path readme = Path.of(System.getProperty("basedir", ""), "README.md");
        List<String> lines = Files.readAllLines(readme);
        int begin = lines.indexOf(lines.stream().filter(l -> l.startsWith("| layer |")).findFirst().get());
        List<String> rows =
                lines.stream().skip(begin + 2).takeWhile(line -> line.startsWith("|")).toList();
        Set<String> ours = new HashSet<>();
        layers().forEach(type -> ours.add(type.elsewhere()));
        List<String> others = rows.stream().filter(row -> !ours.contains(row)).toList();
        assertEquals(ours.size() + others.size(), rows.size());
        assertEquals(OTHER_ROWS.size(), others.size(), others::toString);
        for (String row : others) {
            assertTrue(OTHER_ROWS.stream().anyMatch(row::startsWith), row);
        }
    }

    /** A layer that is not in the catalogue would be missing from every command. */
    @Test
    void everyClassOfLayersIsThere() {
        Set<Class<?>> made = new HashSet<>();
        for (LayerType type : layers()) {
            made.add(random(type, new SplittableRandom(1), shape(type)).getClass());
        }
        assertEquals(leaves(Layer.class), made);
    }

    private static Set<Class<?>> leaves(Class<?> type) {
        Set<Class<?>> leaves = new HashSet<>();
        if (!type.isInterface() && !Modifier.isAbstract(type.getModifiers())) {
            leaves.add(type);
        }
        if (type.isSealed()) {
            Arrays.stream(type.getPermittedSubclasses()).forEach(sub -> leaves.addAll(leaves(sub)));
        }
        return leaves;
    }

    /** Five of everything. */
    static long[] shape(LayerType type) {
        long[] shape = new long[type.inputs().mostRank()];
        Arrays.fill(shape, 5);
        return shape;
    }

    /** A layer of random options. */
    static Layer random(LayerType type, SplittableRandom random, long[] shape) {
        while (true) {
            Options options = Options.NONE;
            for (LayerOption<?> option : type.options()) {
                options = with(options, option, random, shape);
            }
            try {
                return type.maker().make(options, shape);
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("p is 1.0"), e.getMessage());
            }
        }
    }

    private static <T> Options with(
            Options options, LayerOption<T> option, SplittableRandom random, long[] shape) {
        return options.with(option, option.random().apply(random, shape));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void randomOptionsMakeLayers(LayerType type) {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100; i++) {
            random(type, random, shape(type));
        }
    }

    /** Every kind of value comes among many. */
    @Test
    void randomValues() {
        Set<Double> probabilities = values(LayerOptions.P);
        assertTrue(probabilities.containsAll(List.of(0.0, 1.0, 0.17, 0x1p-42, 1 - 0x1p-40)));
        assertTrue(probabilities.size() > 400, probabilities::toString);
        Set<Double> sigmas = values(LayerOptions.SIGMA);
        assertTrue(sigmas.containsAll(List.of(0.0, 0.17, 17.0, 100.0)), sigmas::toString);
        assertEquals(Set.of(false, true), values(LayerOptions.CHANNELS_LAST));
        assertEquals(Set.of(Scaling.values()), values(LayerOptions.SCALING));
        assertEquals(Set.of(0, 1, 2, 3), values(LayerOptions.PREFIX_TOKENS, 2, 5, 3));
        assertEquals(Set.of(0, 1), values(LayerOptions.PREFIX_TOKENS, 2, 1, 3));
        assertEquals(Set.of(5), values(LayerOptions.TOKENS, 2, 5, 3));
        assertEquals(Set.of(1, 2, 3, 4), values(LayerOptions.BLOCK_SIZE, 1, 1, 9, 4));
        assertEquals(Set.of(1, 2, 3, 4, 5, 6, 7), values(LayerOptions.BLOCK_SIZE, 1, 1, 9, 8));
    }

    /** The first extent of a noise shape is that of any batch. */
    @Test
    void randomNoiseShapes() {
        assertEquals(
                Set.of(
                        "[1]", "[-1]", "[1, 1]", "[1, -1]", "[1, 3]", "[-1, 1]", "[-1, -1]",
                        "[-1, 3]"),
                noiseShapes(2, 3));
        assertEquals(
                Set.of("[1]", "[-1]", "[1, 1]", "[1, -1]", "[-1, 1]", "[-1, -1]"),
                noiseShapes(2, 0));
    }

    private static Set<String> noiseShapes(long... shape) {
        return values(LayerOptions.NOISE_SHAPE, shape).stream()
                .map(Arrays::toString)
                .collect(Collectors.toSet());
    }

    private static <T> Set<T> values(LayerOption<T> option, long... shape) {
        SplittableRandom random = new SplittableRandom(5);
        return Stream.generate(() -> option.random().apply(random, shape))
                .limit(1000)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("layers")
    void optionsThatAreNeededAreAskedFor(LayerType type) {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> type.maker().make(Options.NONE, shape(type)));
        assertTrue(e.getMessage().endsWith(" is missing"), e.getMessage());
    }

    @Test
    void namesAreUnique() {
        assertEquals(layers().size(), layers().stream().map(LayerType::name).distinct().count());
        assertEquals(examples().count(), examples().map(Example::name).distinct().count());
        for (LayerType type : layers()) {
            assertEquals(type, Catalogue.named(type.name()));
            assertEquals(type.name(), type.toString());
            assertEquals(Pass.FORWARD, type.passes().getFirst().name());
            assertEquals(Pass.BACKWARD, type.pass(Pass.BACKWARD).name());
        }
        String unknown =
                assertThrows(IllegalArgumentException.class, () -> Catalogue.named("dropin"))
                        .getMessage();
        assertTrue(unknown.startsWith("dropin, allowed are dropout, dropout1d, "), unknown);
        String pass =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Catalogue.named("dropout").pass("sideward"))
                        .getMessage();
        assertEquals(
                "pass is sideward, allowed with dropout are [forward, backward, infer]", pass);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void examplesCanBeCalled(LayerType type) {
        for (Example example : type.examples()) {
            long[] shape = example.shape(2);
            Layer layer = type.maker().make(example.options(), shape);
            Pass pass = type.pass(example.pass());
            try (Arena arena = Arena.ofConfined()) {
                Tensor[] operands = new Tensor[pass.operands().size()];
                for (int i = 0; i < operands.length; i++) {
                    Operand operand = pass.operands().get(i);
                    operands[i] =
                            operand.optional() && !example.operands().contains(operand.name())
                                    ? null
                                    : Tensor.allocate(
                                            arena, DType.FLOAT32,
                                            operand.extents().of(layer, shape));
                }
                PhiloxState state = new PhiloxState(1, 2);
                MaskSource source =
                        switch (example.source()) {
                            case STATE -> state;
                            case MASK -> layer.mask(arena, operands[0], state);
                            case PYTORCH_RAND, PYTORCH_DROPOUT ->
                                    TorchGenerator.seeded(1).next(example.source().stream());
                        };
                pass.call().run(layer, operands, source, Shard.WHOLE);
                assertEquals(2 * example.sampleSize(), operands[0].size());
            }
        }
    }

    @Test
    void examplesThatAreMadeFromOthers() {
        Example plain = new Example("plain", 0.5, Example.Placement.APART, 1, 3, 4);
        assertEquals("plain", plain.toString());
        assertEquals("--p 0.25", plain.with(LayerOptions.P, 0.25).options().toString());
        Options options = plain.options();
        assertEquals(
                new Example(
                        "plain", options, "infer", List.of(), Pass.Source.STATE, List.of(3, 4),
                        Example.Placement.APART, 1),
                plain.of("infer"));
        assertEquals(
                new Example(
                        "plain", options, "forward", List.of("bias"), Pass.Source.STATE,
                        List.of(3, 4), Example.Placement.APART, 1),
                plain.given("bias"));
        assertEquals(
                new Example(
                        "plain", options, "forward", List.of(), Pass.Source.MASK, List.of(3, 4),
                        Example.Placement.APART, 1),
                plain.by(Pass.Source.MASK));
    }

    @Test
    void passesAndTheirOperands() {
        Operand x = Operand.input("x");
        assertEquals(new Operand("x", "", Operand.OF_X, false, false, List.of()), x);
        assertEquals(
                new Operand("r", "added", Operand.OF_X, false, false, List.of()),
                Operand.input("r", "added"));
        Operand bias = Operand.vector("bias", "added");
        assertEquals(new Operand("bias", "added", Operand.OF_LAST, false, true, List.of()), bias);
        Operand y = Operand.output("y", "x");
        assertEquals(new Operand("y", "", Operand.OF_X, true, false, List.of("x")), y);
        assertEquals(
                new Operand("y", "", Operand.OF_LAST, true, false, List.of("x")),
                y.with(Operand.OF_LAST));
        Pass.Call none = (layer, operands, source, shard) -> {};
        Layer layer = new Dropout(0.5);
        Set<Pass.Source> sources = Set.of(Pass.Source.MASK);
        Pass pass = Pass.of("sideward", sources, none, x, y);
        assertEquals("sideward", pass.toString());
        assertEquals(List.of(x, y), pass.operands());
        assertEquals(sources, pass.sources());
        assertEquals(Pass.ALL, pass.cuts());
        assertTrue(pass.composes().test(layer));
        Pass within = pass.within(2, any -> false);
        assertEquals("sideward", within.toString());
        assertEquals(2, within.cuts());
        assertFalse(within.composes().test(layer));
    }

    @Test
    void optionsAreMadeByKind() {
        LayerOption<DropPath.Mode> mode =
                LayerOption.choice("mode", "MODE", "which", DropPath.Mode.BATCH);
        assertEquals(DropPath.Mode.class, mode.type());
        assertEquals(DropPath.Mode.BATCH, mode.initial());
        LayerOption<Boolean> flag = LayerOption.flag("fast", "quick");
        assertEquals(Boolean.class, flag.type());
        assertFalse(flag.initial());
        assertEquals(Set.of(false, true), values(flag));
    }

    /** The factor of kept values, or the noise's standard deviation. */
    @ParameterizedTest
    @CsvSource({
        "dropout, 2", "dropout1d, 2", "dropout2d, 2", "dropout3d, 2", "droppath, 2",
        "dropoutadd, 2", "droppathadd, 2", "dropconnect, 2", "dropblock2d, 2", "dropblock3d, 2",
        "zoneout, 1", "tokendrop, 1", "gaussiandropout, 1", "gaussiannoise, 0.75",
        "alphadropout, 0.8864048946659319", "featurealphadropout, 0.8864048946659319"
    })
    void strengths(String name, double expected) {
        LayerType type = Catalogue.named(name);
        Options options =
                Options.NONE
                        .with(LayerOptions.P, 0.5)
                        .with(LayerOptions.SIGMA, 0.75)
                        .with(LayerOptions.BLOCK_SIZE, 2);
        Layer layer = type.maker().make(options, shape(type));
        assertEquals(expected, type.strength().value().of(layer, 30, 40), 0x1p-52);
        assertEquals(!name.startsWith("gaussian"), type.strength().drops());
    }

    @Test
    void strengthsOfDropBlocksFactors() {
        LayerType type = Catalogue.named("dropblock2d");
        Options options =
                Options.NONE.with(LayerOptions.P, 0.5).with(LayerOptions.BLOCK_SIZE, 2);
        Layer none =
                type.maker().make(options.with(LayerOptions.FACTOR, DropBlock.Factor.NONE), 1);
        assertEquals(1, type.strength().value().of(none, 30, 40));
        Layer realised =
                type.maker().make(options.with(LayerOptions.FACTOR, DropBlock.Factor.REALISED), 1);
        assertEquals(40.0 / 30, type.strength().value().of(realised, 30, 40));
        assertEquals(0, type.strength().value().of(realised, 0, 40));
        assertTrue(type.passes().getFirst().composes().test(none));
        assertFalse(type.passes().getFirst().composes().test(realised));
    }

    /** Along how many dimensions parts of x can be put together, and of which passes. */
    @Test
    void partsThatMakeTheWhole() {
        for (LayerType type : layers()) {
            Layer layer = random(type, new SplittableRandom(3), shape(type));
            for (Pass pass : type.passes()) {
                boolean sums = pass.name().endsWith("-gradient") && !pass.name().startsWith("prev");
                boolean blocks = type.name().startsWith("dropblock");
                int cuts = blocks ? 2 : type.name().equals("tokendrop") ? 1 : Pass.ALL;
                assertEquals(cuts, pass.cuts(), type + " " + pass);
                if (!blocks) {
                    assertEquals(!sums, pass.composes().test(layer), type + " " + pass);
                }
                assertEquals(sums ? 1 : 0, pass.operands().getLast().isVector() ? 1 : 0);
                assertEquals(pass.operands().size() - 1, pass.output());
                assertEquals(0, pass.index(pass.operands().getFirst().name()));
                assertEquals(-1, pass.index("z"));
                assertEquals(
                        type.name().equals("tokendrop") && pass.name().equals(Pass.BACKWARD),
                        !pass.operands().getFirst().isLikeX());
            }
        }
    }

    @Test
    void optionsMakeTheLayersThatTheyName() {
        assertMade("Dropout[p=0.5, scaling=NONE, units=noise shape [-1, 1]]", "dropout");
        assertMade("Dropout[p=0.5, scaling=NONE, units=elements]", "dropconnect");
        assertMade("Dropout2d[p=0.5, channels=LAST, scaling=NONE]", "dropout2d");
        assertMade("DropPath[p=0.5, mode=BATCH, scaling=NONE]", "droppath");
        assertMade("AlphaDropout[p=0.5, units=noise shape [-1, 1]]", "alphadropout");
        assertMade("FeatureAlphaDropout[p=0.5, units=channels last]", "featurealphadropout");
        assertMade("TokenDrop[p=0.5, prefixTokens=2]", "tokendrop");
        assertMade("Zoneout[p=0.5, units=noise shape [-1, 1]]", "zoneout");
        assertMade(
                "DropBlock2d[p=0.5, blockSize=2, centres=EVERYWHERE, factor=NONE,"
                        + " sharedByChannels=true]",
                "dropblock2d");
        LayerType type = Catalogue.named("featurealphadropout");
        Options plain = Options.NONE.with(LayerOptions.P, 0.5);
        assertEquals(
                "FeatureAlphaDropout[p=0.5, units=channels first]",
                type.maker().make(plain, 2, 3).toString());
        assertEquals(
                "FeatureAlphaDropout[p=0.5, units=channels first]",
                type.maker().make(plain.with(LayerOptions.CHANNELS_LAST, true), 2).toString());
        assertEquals(
                "Dropout2d[p=0.5, channels=FIRST, scaling=IN_TRAINING]",
                Catalogue.named("dropout2d").maker().make(plain, 2, 3, 4).toString());
    }

    private static void assertMade(String expected, String name) {
        LayerType type = Catalogue.named(name);
        Options options =
                Options.NONE
                        .with(LayerOptions.P, 0.5)
                        .with(LayerOptions.SCALING, Scaling.NONE)
                        .with(LayerOptions.MODE, DropPath.Mode.BATCH)
                        .with(LayerOptions.NOISE_SHAPE, new long[] {-1, 1})
                        .with(LayerOptions.CHANNELS_LAST, true)
                        .with(LayerOptions.PREFIX_TOKENS, 2)
                        .with(LayerOptions.BLOCK_SIZE, 2)
                        .with(LayerOptions.CENTRES, DropBlock.Centres.EVERYWHERE)
                        .with(LayerOptions.FACTOR, DropBlock.Factor.NONE)
                        .with(LayerOptions.SHARED_BY_CHANNELS, true);
        assertEquals(expected, type.maker().make(options, 2, 5).toString());
    }

    /** The shape of x, by that of a pass's first operand. */
    @Test
    void shapesOfInputs() {
        LayerType type = Catalogue.named("tokendrop");
        LayerType.Finder finder = type.inputs().finder();
        Options options = Options.NONE.with(LayerOptions.P, 0.5).with(LayerOptions.TOKENS, 9);
        Pass forward = type.pass(Pass.FORWARD);
        Pass backward = type.pass(Pass.BACKWARD);
        long[] longest = {2, Integer.MAX_VALUE, 3};
        assertSame(longest, finder.shape(options, forward, "IN", longest));
        assertArrayEquals(
                new long[] {2, 9, 3}, finder.shape(options, backward, "IN", new long[] {2, 4, 3}));
        refusesShape(
                "IN has 5 tokens, allowed with --tokens 9 are 4, those that are kept",
                () -> finder.shape(options, backward, "IN", new long[] {2, 5, 3}));
        refusesShape(
                "IN has rank 2, allowed with tokendrop is 3: (N, T, C)",
                () -> finder.shape(options, forward, "IN", new long[] {2, 5}));
        refusesShape(
                "IN has 2147483648 tokens, allowed are up to 2147483647",
                () -> finder.shape(options, forward, "IN", new long[] {2, 1L << 31, 3}));
        long[] any = {4, 5};
        assertSame(
                any,
                Catalogue.named("dropout").inputs().finder().shape(options, forward, "IN", any));
    }

    private static void refusesShape(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void optionsReadLikeACommandLine() {
        Options options =
                Options.NONE
                        .with(LayerOptions.P, 0.5)
                        .with(LayerOptions.SCALING, Scaling.AT_INFERENCE)
                        .with(LayerOptions.NOISE_SHAPE, new long[] {8, 1, -1})
                        .with(LayerOptions.CHANNELS_LAST, true)
                        .with(LayerOptions.SHARED_BY_CHANNELS, false);
        assertEquals(
                "--p 0.5 --scaling at-inference --noise-shape 8,1,-1 --channels-last",
                options.toString());
        assertEquals(0.25, options.with(LayerOptions.P, 0.25).get(LayerOptions.P));
        assertEquals(DropPath.Mode.ROW, options.get(LayerOptions.MODE));
    }
}
