package io.github.dropfuse.bench.run;

import io.github.dropfuse.bench.jmh.LayerBenchmark;
import io.github.dropfuse.cli.bench.BenchKernel;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Which benchmarks are run with which parameters. */
final class Plan {
    private static final String ONE = "1";
    private static final String ALL = "all";
    private static final String FLOAT32 = "float32";
    private static final List<BenchKernel> MAIN = named("forward", "stored-mask", "mask");
    private static final List<BenchKernel> PATH = named("droppath");
    private static final List<String> OTHER_TYPES = List.of("float64", "float16", "bfloat16");

    /** 8 samples of 197 tokens of 768 channels are among the sizes. */
    private static final List<Long> SIZES =
            List.of(4096L, 16384L, 65536L, 1L << 20, 1_210_368L, 1L << 24, 1L << 26);

    private static final List<Long> SOME_SIZES = List.of(16384L, 1L << 20, 1L << 26);
    private static final List<Long> LARGE = List.of(1L << 26);

    /** Batches of 8, and of 443: about 64 Mi elements. */
    private static final List<Long> BATCHES = List.of(1_210_368L, 443L * 197 * 768);

    private static final List<Long> SMOKE_SIZE = List.of(2L * 197 * 768);

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
        add("CopyBenchmark", SMOKE_SIZE, threads(ONE, ALL));
        for (Backend backend : Backends.all()) {
            layers(MAIN, SMOKE_SIZE, backend.toString(), ONE);
            layers(PATH, SMOKE_SIZE, backend.toString(), ALL);
        }
        add("AddBenchmark", SMOKE_SIZE, threads(ONE));
        layers(others(), SMOKE_SIZE, best(), ONE);
        add("PlainJavaBenchmark|PyTorch.*|Nd4jBenchmark", SMOKE_SIZE, threads(ONE));
        addSmallCalls();
    }

    private void quick() {
        String best = best();
        add("CopyBenchmark.segmentCopy", SIZES, threads(ONE, ALL));
        add("CopyBenchmark.cMemcpy", SIZES, threads(ONE));
        layers(MAIN, SIZES, best, ONE);
        layers(named("forward"), SIZES, best, ALL);
        layers(named("backward"), SOME_SIZES, best, ONE);
        layers(named("forward", "stored-mask"), SOME_SIZES, best, ONE, OTHER_TYPES);
        for (String tier : lesserTiers()) {
            layers(named("forward"), SIZES, tier, ONE);
        }
        for (String backend : inJava()) {
            layers(named("forward"), SIZES.subList(0, 4), backend, ONE);
        }
        layers(PATH, BATCHES, best, ONE);
        forms(best, ONE);
        add("AddBenchmark", BATCHES.subList(1, 2), threads(ONE));
        add("PyTorchResidualBenchmark", BATCHES.subList(1, 2), threads(ONE));
        add("PlainJavaBenchmark", SIZES, threads(ONE));
        add("PyTorchBenchmark|Nd4jBenchmark", SIZES, threads(ONE));
        add("PyTorchBenchmark|Nd4jBenchmark", SOME_SIZES, threads(ALL));
        add("PyTorchDropPathBenchmark", BATCHES, threads(ONE), probabilities(0.1, 0.5));
        addSmallCalls();
    }

    private void full() {
        String best = best();
        List<BenchKernel> plain = named("forward", "backward", "stored-mask", "mask");
        add("CopyBenchmark.segmentCopy", SIZES, threads(ONE, ALL));
        add("CopyBenchmark.cMemcpy", SIZES, threads(ONE));
        layers(plain, SIZES, best, ONE);
        layers(plain, SIZES, best, ALL);
        layers(named("forward", "stored-mask"), SIZES, best, ONE, OTHER_TYPES);
        layers(named("forward", "backward"), SOME_SIZES, best, ALL, OTHER_TYPES);
        for (String tier : lesserTiers()) {
            forms(tier, ONE);
            layers(MAIN, SIZES, tier, ONE);
            layers(named("forward"), SOME_SIZES, tier, ONE, OTHER_TYPES);
            layers(PATH, BATCHES, tier, ONE);
        }
        for (String backend : inJava()) {
            layers(MAIN, SIZES, backend, ONE);
            layers(named("forward"), SIZES, backend, ALL);
        }
        layers(named("forward", "stored-mask"), SOME_SIZES, "java/jit", ONE, OTHER_TYPES);
        layers(PATH, BATCHES, best, ONE);
        layers(PATH, BATCHES, best, ALL);
        forms(best, ONE);
        forms(best, ALL);
        add("AddBenchmark", BATCHES, threads(ONE, ALL));
        add("PyTorchResidualBenchmark", BATCHES, threads(ONE, ALL));
        add("PlainJavaBenchmark", SIZES, threads(ONE));
        add("PyTorchBenchmark|Nd4jBenchmark", SIZES, threads(ONE, ALL));
        // DJL 0.36 ends the process on bfloat16.
        add("PyTorchBenchmark", SOME_SIZES, threads(ONE),
                Map.of("dtype", List.of("float64", "float16")));
        add("PyTorchDropPathBenchmark", BATCHES, threads(ONE, ALL), probabilities(0.1, 0.5));
        addSmallCalls();
    }

    private static String best() {
        return Backends.all().getFirst().toString();
    }

    private static List<String> lesserTiers() {
        return Backends.all().stream()
                .skip(1)
                .filter(backend -> backend.name().equals("native"))
                .map(Backend::toString)
                .toList();
    }

    private static List<String> inJava() {
        return Backends.all().stream()
                .filter(backend -> !backend.name().equals("native"))
                .map(Backend::toString)
                .filter(backend -> !backend.equals(best()))
                .toList();
    }

    private static Map<String, List<String>> threads(String... threads) {
        return Map.of("threads", List.of(threads));
    }

    private static Map<String, List<String>> probabilities(Double... p) {
        return Map.of("p", Stream.of(p).map(String::valueOf).toList());
    }

    private static List<BenchKernel> named(String... names) {
        return Stream.of(names).map(BenchKernel::named).toList();
    }

    /** All but Dropout and DropPath by themselves. */
    private static List<BenchKernel> others() {
        Set<String> plain = Set.of("forward", "backward", "stored-mask", "mask", "droppath");
        return BenchKernel.all().stream().filter(one -> !plain.contains(one.name())).toList();
    }

    /** Small tensors show what the draws cost, large ones what the memory does. */
    private void forms(String backend, String threads) {
        layers(others().stream().filter(one -> one.sample() == 1).toList(), List.of(16384L),
                backend, threads);
        layers(others(), LARGE, backend, threads);
    }

    private void layers(
            List<BenchKernel> kernels, List<Long> sizes, String backend, String threads) {
        layers(kernels, sizes, backend, threads, List.of(FLOAT32));
    }

    /** Kernels in all their places, on whole samples. */
    private void layers(
            List<BenchKernel> kernels,
            List<Long> sizes,
            String backend,
            String threads,
            List<String> types) {
        for (BenchKernel kernel : kernels) {
            for (boolean inPlace : kernel.places(sizes.getFirst())) {
                add(
                        "LayerBenchmark." + LayerBenchmark.method(kernel, inPlace),
                        sizes.stream()
                                .map(size -> size / kernel.sample() * kernel.sample())
                                .toList(),
                        threads(threads),
                        kernel.p() == 0.5 ? probabilities(0.1, 0.5) : probabilities(kernel.p()),
                        Map.of(
                                "kernel", List.of(kernel.name()),
                                "inPlace", List.of(Boolean.toString(inPlace)),
                                "backend", List.of(backend),
                                "dtype", types));
            }
        }
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
