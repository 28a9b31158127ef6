package io.github.dropfuse.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** The speeds that Dropfuse set out to reach, beside what was measured. */
final class Targets {
    private static final long KI = 1024;
    private static final long MI = 1024 * KI;
    private static final long[] SIZES = {64 * MI, MI, 16 * KI};
    private static final String AVX512 = "avx512";
    private static final String AVX2 = "avx2";

    /**
     * One aim.
     *
     * @param what is measured
     * @param measured the figure, NaN where it was not measured
     * @param aim the most, or the least, it should be
     * @param atMost whether it should be no more
     */
    record Target(String what, double measured, double aim, boolean atMost) {
        boolean reached() {
            return atMost ? measured <= aim : measured >= aim;
        }
    }

    private final Results results;
    private final String tier;
    private final List<Target> targets = new ArrayList<>();

    private Targets(Results results) {
        this.results = results;
        tier = results.tier();
    }

    /**
     * The aims for the best tier that was measured. What drawing takes has aims for AVX-512, and
     * Dropout's forward pass has some for AVX2.
     */
    static List<Target> of(Results results) {
        Targets t = new Targets(results);
        if (t.tier.equals(AVX512)) {
            t.drawn();
        }
        t.ratios("forward", "AVX2: Dropout forward, out of place", false, AVX2, 1.5, 2, 3.5);
        t.ratios("stored-mask", "stored mask applied", false, t.tier, 1, 1, 1.1);
        t.forms();
        t.alpha();
        t.torch();
        t.threads();
        t.smallCalls();
        return t.targets.stream().filter(target -> !Double.isNaN(target.measured())).toList();
    }

    private void drawn() {
        ratios("forward", "Dropout forward, out of place", false, tier, 1.10, 1.25, 2.2);
        ratios("backward", "Dropout backward", false, tier, 1.10, 1.25, 2.2);
        boolean amd = results.environment().getOrDefault("processor", "").toString().contains("AMD");
        ratios("forward", "Dropout forward, in place", true, tier, amd ? 0.8 : 1, 0.95, 2);
        ratios("mask", "mask alone", false, tier, 0.6, 1.5, 2.8);
        types();
        limit("dropoutadd", "bias + dropout + residual, 64 Mi", false, 0.1, 1.15);
        limit("dropblock", "DropBlock, 64 Mi", false, 0.1, 1.3);
        normals();
        peers();
    }

    private void ratios(
            String kernel, String words, boolean inPlace, String tier, double... aims) {
        for (int i = 0; i < SIZES.length; i++) {
            atMost(words + ", " + Sizes.text(SIZES[i]) + ", times memcpy",
                    ratio(kernel, inPlace, "float32", SIZES[i], tier), aims[i]);
        }
    }

    private void types() {
        double[] aims = {1.35, 1.7, 4};
        for (String type : List.of("bfloat16", "float16")) {
            for (int i = 0; i < SIZES.length; i++) {
                atMost(type + " forward, " + Sizes.text(SIZES[i]) + ", times memcpy of its own bytes",
                        ratio("forward", false, type, SIZES[i], tier), aims[i]);
            }
        }
    }

    /** What costs hardly any draws. */
    private void forms() {
        limit("droppath", "DropPath p = 0.5, 443 rows of 197 × 768", false, 0.5, 0.8);
        atMost("DropPath p = 0.5, 8 rows of 197 × 768, times memcpy",
                ours("droppath", false, "float32", "1", 8 * 197 * 768, tier, 0.5)
                        .map(Row::ratio).orElse(Double.NaN), 0.9);
        limit("channels-first", "channel dropout, channels first, 64 Mi", false, 0.1, 1.05);
        limit("channels-last", "channel dropout, channels last, 64 Mi", false, 0.1, 1.15);
        limit("noise-shape", "noise shape, 64 Mi", false, 0.1, 1.15);
        limit("droppathadd", "DropPath + residual p = 0.5, in place, 64 Mi", true, 0.5, 0.6);
    }

    private void alpha() {
        for (long size : new long[] {64 * MI, 16 * KI}) {
            atMost("alpha dropout, " + Sizes.text(size) + ", times dropout, both over memcpy",
                    ratio("alphadropout", false, "float32", size, tier)
                            / ratio("forward", false, "float32", size, tier),
                    1.05);
        }
    }

    private void normals() {
        for (String kernel : List.of("gaussiandropout", "gaussiannoise")) {
            atMost(kernel + ", 64 Mi, times memcpy",
                    ratio(kernel, false, "float32", 64 * MI, tier), 1.6);
            atMost(kernel + ", 16 Ki, times the mask alone",
                    quotient(usual(kernel, 16 * KI), usual("mask", 16 * KI)), 3);
        }
    }

    private void torch() {
        for (long size : new long[] {16 * KI, 64 * MI}) {
            Optional<Row> peer =
                    first(row -> row.contender().equals(Contenders.PYTORCH_DJL)
                            && row.kernel().equals("forward")
                            && row.dtype().equals("float32")
                            && row.threads().equals("1")
                            && row.elements() == size
                            && row.p() == 0.1);
            atLeast("PyTorch's dropout, " + Sizes.text(size) + ", times ours with its masks",
                    quotient(peer, usual("pytorch-dropout", size)), 4);
        }
    }

    /** At the size nearest to 64 Mi, which whole samples seldom are. */
    private void limit(String kernel, String words, boolean inPlace, double p, double bound) {
        long size =
                results.where(row -> row.kernel().equals(kernel)).stream()
                        .mapToLong(Row::elements)
                        .filter(elements -> elements > 48 * MI)
                        .findFirst()
                        .orElse(0);
        Optional<Row> row = ours(kernel, inPlace, "float32", "1", size, tier, p);
        atMost(words + ", times " + row.map(Row::limit).orElse(""),
                row.map(Row::ratio).orElse(Double.NaN), bound);
    }

    private double ratio(
            String kernel, boolean inPlace, String type, long elements, String tier) {
        return ours(kernel, inPlace, type, "1", elements, tier, 0.1)
                .map(Row::ratio).orElse(Double.NaN);
    }

    private Optional<Row> usual(String kernel, long elements) {
        return ours(kernel, false, "float32", "1", elements, tier, 0.1);
    }

    private void threads() {
        for (long size : new long[] {MI, 64 * MI}) {
            atLeast("all threads, " + Sizes.text(size) + ", times the throughput of one",
                    quotient(ours("forward", false, "float32", "1", size, tier, 0.1),
                            ours("forward", false, "float32", "all", size, tier, 0.1)),
                    size == MI ? 1.6 : 1);
        }
    }

    private void peers() {
        results.rows().stream()
                .filter(row -> row.kernel().equals("forward") && !row.inPlace()
                        && row.threads().equals("1") && row.dtype().equals("float32")
                        && row.p() == 0.1
                        && (row.contender().equals(Contenders.PYTORCH_DJL)
                                || Contenders.isPyTorchInPython(row.contender())))
                .forEach(row -> atLeast(
                        row.contender() + ", " + Sizes.text(row.elements())
                                + ", times our time",
                        quotient(Optional.of(row),
                                ours("forward", false, "float32", "1", row.elements(), tier, 0.1)),
                        40));
    }

    private void smallCalls() {
        double c = small("c").map(Row::nanos).orElse(Double.NaN);
        String call = SmallCalls.labels().get("layer") + ", 64 elements, ";
        atMost(call + "nanoseconds over the kernel in C",
                small("layer").map(Row::nanos).orElse(Double.NaN) - c, 40);
        atMost(call + "bytes on the heap a call",
                small("layer").map(row -> Math.rint(row.allocated())).orElse(Double.NaN), 0);
    }

    private Optional<Row> small(String kernel) {
        return first(row -> row.contender().equals(Contenders.SMALL_CALL)
                && row.kernel().equals(kernel));
    }

    private Optional<Row> ours(
            String kernel,
            boolean inPlace,
            String dtype,
            String threads,
            long elements,
            String tier,
            double p) {
        return first(row -> row.contender().equals(Contenders.DROPFUSE)
                && row.kernel().equals(kernel)
                && row.inPlace() == inPlace
                && row.dtype().equals(dtype)
                && row.threads().equals(threads)
                && row.elements() == elements
                && row.tier().equals(tier)
                && row.p() == p);
    }

    private Optional<Row> first(Predicate<Row> condition) {
        return results.rows().stream().filter(condition).findFirst();
    }

    private static double quotient(Optional<Row> above, Optional<Row> below) {
        return above.isPresent() && below.isPresent()
                ? above.get().nanos() / below.get().nanos()
                : Double.NaN;
    }

    private void atMost(String what, double measured, double aim) {
        targets.add(new Target(what, measured, aim, true));
    }

    private void atLeast(String what, double measured, double aim) {
        targets.add(new Target(what, measured, aim, false));
    }

    static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%.1f", value);
    }
}
