package io.github.dropfuse.bench.run;

import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Which benchmarks are run with which parameters. */
final class Plan {
    private static final String ONE = "1";
    private static final String ALL = "all";
    private static final String FLOAT32 = "float32";
    private static final List<String> OTHER_TYPES = List.of("float64", "float16", "bfloat16");

    /** 8 images of 197 tokens of 768 channels are among the sizes. */
    private static final List<Long> SIZES =
            List.of(4096L, 16384L, 65536L, 1L << 20, 1_210_368L, 1L << 24, 1L << 26);

    private static final List<Long> SOME_SIZES = List.of(16384L, 1L << 20, 1L << 26);

    /** Batches of 8, and of 443: about 64 Mi elements. */
    private static final List<Long> BATCHES = List.of(1_210_368L, 443L * 197 * 768);

    /** About 64 Mi elements in images. */
    private static final List<Long> IMAGES = List.of(334L * 64 * 56 * 56);

    private static final List<Long> SMOKE_SIZE = List.of(2L * 197 * 768);
    private static final List<Long> SMOKE_IMAGES = List.of(2L * 64 * 56 * 56);

    private final Mode mode;
    private final List<Options> groups = new ArrayList<>();

    private Plan(Mode mode) {
        this.mode = mode;
    }

    static List<Options> of(Mode mode) {
        Plan plan = new Plan(mode);
        switch (mode) {
            case SMOKE -> plan.smoke();
            case QUICK -> plan.quick();
            case FULL -> plan.full();
        }
        return plan.groups;
    }

    static List<Long> sizes(Mode mode) {
        return mode == Mode.SMOKE ? List.of(16384L) : SIZES;
    }

    private void smoke() {
        List<String> backends = Backends.all().stream().map(Backend::toString).toList();
        add("CopyBenchmark", SMOKE_SIZE, threads(ONE, ALL));
        add("DropoutBenchmark", SMOKE_SIZE, threads(ONE), Map.of("backend", backends));
        add("DropPathBenchmark", SMOKE_SIZE, threads(ALL), Map.of("backend", backends));
        add("AddBenchmark", SMOKE_SIZE, threads(ONE));
        add("FamilyBenchmark|ResidualBenchmark|KeptBenchmark", SMOKE_SIZE, threads(ONE),
                Map.of("backend", List.of(best())));
        add("ImageBenchmark", SMOKE_IMAGES, threads(ONE), Map.of("backend", List.of(best())));
        add("PlainJavaBenchmark|PyTorch.*|Nd4jBenchmark", SMOKE_SIZE, threads(ONE));
        addSmallCalls();
    }

    private void quick() {
        String best = best();
        add("CopyBenchmark.segmentCopy", SIZES, threads(ONE, ALL));
        add("CopyBenchmark.cMemcpy", SIZES, threads(ONE));
        dropout("forward|forwardInPlace|storedMask|mask", SIZES, best, ONE);
        dropout("forward|forwardInPlace", SIZES, best, ALL);
        dropout("backward", SOME_SIZES, best, ONE);
        types("forward|storedMask", SOME_SIZES, best, ONE);
        for (String tier : lesserTiers()) {
            dropout("forward", SIZES, tier, ONE);
        }
        dropout("forward", SIZES.subList(0, 4), reference(), ONE);
        dropPath(best, ONE);
        forms(best, ONE);
        add("AddBenchmark", BATCHES.subList(1, 2), threads(ONE));
        add("PyTorchResidualBenchmark", BATCHES.subList(1, 2), threads(ONE));
        add("PlainJavaBenchmark", SIZES, threads(ONE));
        add("PyTorchBenchmark|Nd4jBenchmark", SIZES, threads(ONE));
        add("PyTorchBenchmark|Nd4jBenchmark", SOME_SIZES, threads(ALL));
        add("PyTorchDropPathBenchmark", BATCHES, threads(ONE), probabilities());
        addSmallCalls();
    }

    private void full() {
        String best = best();
        add("CopyBenchmark.segmentCopy", SIZES, threads(ONE, ALL));
        add("CopyBenchmark.cMemcpy", SIZES, threads(ONE));
        dropout("\\w+", SIZES, best, ONE);
        dropout("\\w+", SIZES, best, ALL);
        types("forward|forwardInPlace|storedMask", SIZES, best, ONE);
        types("forward|backward", SOME_SIZES, best, ALL);
        for (String tier : lesserTiers()) {
            forms(tier, ONE);
            dropout("forward|forwardInPlace|storedMask|mask", SIZES, tier, ONE);
            types("forward", SOME_SIZES, tier, ONE);
            dropPath(tier, ONE);
        }
        dropout("forward|storedMask|mask", SIZES, reference(), ONE);
        dropout("forward", SIZES, reference(), ALL);
        dropPath(best, ONE);
        dropPath(best, ALL);
        forms(best, ONE);
        forms(best, ALL);
        add("AddBenchmark", BATCHES, threads(ONE, ALL));
        add("PyTorchResidualBenchmark", BATCHES, threads(ONE, ALL));
        add("PlainJavaBenchmark", SIZES, threads(ONE));
        add("PyTorchBenchmark|Nd4jBenchmark", SIZES, threads(ONE, ALL));
        // DJL 0.36 ends the process on bfloat16.
        add("PyTorchBenchmark", SOME_SIZES, threads(ONE),
                Map.of("dtype", List.of("float64", "float16")));
        add("PyTorchDropPathBenchmark", BATCHES, threads(ONE, ALL), probabilities());
        addSmallCalls();
    }

    private static String best() {
        return Backends.all().getFirst().toString();
    }

    private static List<String> lesserTiers() {
        return Backends.all().stream()
                .skip(1)
                .filter(backend -> backend != Backends.reference())
                .map(Backend::toString)
                .toList();
    }

    private static String reference() {
        return Backends.reference().toString();
    }

    private static Map<String, List<String>> threads(String... threads) {
        return Map.of("threads", List.of(threads));
    }

    private static Map<String, List<String>> probabilities() {
        return Map.of("p", List.of("0.1", "0.5"));
    }

    private void dropout(String methods, List<Long> sizes, String backend, String threads) {
        add(
                "DropoutBenchmark.(" + methods + ")",
                sizes,
                threads(threads),
                Map.of("backend", List.of(backend)));
    }

    private void types(String methods, List<Long> sizes, String backend, String threads) {
        add(
                "DropoutBenchmark.(" + methods + ")",
                sizes,
                threads(threads),
                Map.of("backend", List.of(backend), "dtype", OTHER_TYPES));
    }

    private void dropPath(String backend, String threads) {
        add(
                "DropPathBenchmark",
                BATCHES,
                threads(threads),
                Map.of("backend", List.of(backend)),
                probabilities());
    }

    /** Small tensors show what the draws cost, large ones what the memory does. */
    private void forms(String backend, String threads) {
        Map<String, List<String>> on = Map.of("backend", List.of(backend));
        List<Long> large = BATCHES.subList(1, 2);
        add("FamilyBenchmark", List.of(16384L, 1L << 26), threads(threads), on);
        add("ImageBenchmark", IMAGES, threads(threads), on);
        add("ResidualBenchmark.(dropoutAdd|dropoutAddInPlace|biasGradient)", large,
                threads(threads), on);
        add("ResidualBenchmark.(dropPath\\w+|gammaGradient)", large, threads(threads), on,
                probabilities());
        add("KeptBenchmark", large, threads(threads), on, Map.of("p", List.of("0.5")));
    }

    @SafeVarargs
    private void add(String include, List<Long> sizes, Map<String, List<String>>... parameters) {
        ChainedOptionsBuilder options = options(include);
        options.param("elements", sizes.stream().map(String::valueOf).toArray(String[]::new));
        for (Map<String, List<String>> some : parameters) {
            some.forEach((name, values) -> options.param(name, values.toArray(String[]::new)));
        }
        groups.add(options.build());
    }

    private void addSmallCalls() {
        groups.add(options("SmallCallBenchmark").addProfiler(GCProfiler.class).build());
    }

    private ChainedOptionsBuilder options(String include) {
        return new OptionsBuilder()
                .include("\\.(" + include + ")(\\.\\w+)?$")
                .forks(1)
                .warmupIterations(mode.warmups())
                .warmupTime(mode.time())
                .measurementIterations(mode.measurements())
                .measurementTime(mode.time())
                .shouldFailOnError(true);
    }
}
