package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
