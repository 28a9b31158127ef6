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
    private static final String TIER = "avx512";

    /**
     * One aim.
     *
     * @param what is measured
     * @param measured the figure, NaN where it was not measured
     * @param bound the most, or the least, it should be
     * @param atMost whether the bound is from above
     */
    record Target(String what, double measured, double bound, boolean atMost) {
        boolean reached() {
            return atMost ? measured <= bound : measured >= bound;
        }
    }

    private final Results results;
    private final List<Target> targets = new ArrayList<>();

    private Targets(Results results) {
        this.results = results;
    }

    static List<Target> of(Results results) {
        Targets t = new Targets(results);
        t.ratios("forward", "Dropout forward, out of place", false, 1.05, 1.9, 3.3);
        t.ratios("forward", "Dropout forward, in place", true, 0.75, 1.7, 3.2);
        t.ratios("stored-mask", "stored mask applied", false, 1.10, 1.15, 1.3);
        t.ratios("mask", "mask alone", false, 0.6, 1.5, 2.8);
        t.types();
        t.dropPath();
        t.residuals();
        t.channels();
        t.alpha();
        t.normals();
        t.torch();
        t.tiers();
        t.threads();
        t.peers();
        t.smallCalls();
        return t.targets.stream().filter(target -> !Double.isNaN(target.measured())).toList();
    }

    private void ratios(String kernel, String words, boolean inPlace, double... bounds) {
        long[] sizes = {64 * MI, MI, 16 * KI};
        for (int i = 0; i < sizes.length; i++) {
            atMost(words + ", " + Sizes.text(sizes[i]) + ", times memcpy",
                    ratio(kernel, inPlace, sizes[i], 0.1), bounds[i]);
        }
    }

    private void types() {
        for (String type : List.of("bfloat16", "float16")) {
            atMost(type + " forward, 64 Mi, times memcpy of its own bytes",
                    ours("forward", false, type, "1", 64 * MI, TIER, 0.1)
                            .map(Row::ratio).orElse(Double.NaN), 1.15);
        }
    }

    private void dropPath() {
        limit("droppath", "DropPath p = 0.5, 443 rows of 197 × 768", false, 0.5, 0.8);
    }

    private void residuals() {
        limit("dropoutadd", "bias + dropout + residual, 64 Mi", false, 0.1, 1.15);
        limit("droppathadd", "DropPath + residual p = 0.5, in place, 64 Mi", true, 0.5, 0.6);
    }

    private void channels() {
        limit("channels-first", "channel dropout, channels first, 64 Mi", false, 0.1, 1.1);
        limit("channels-last", "channel dropout, channels last, 64 Mi", false, 0.1, 1.1);
    }

    private void alpha() {
        for (long size : new long[] {64 * MI, 16 * KI}) {
            atMost("alpha dropout, " + Sizes.text(size) + ", times dropout, both over memcpy",
                    ratio("alphadropout", false, size, 0.1) / ratio("forward", false, size, 0.1),
                    1.05);
        }
    }

    /** A draw alone has no tensor; Dropout's forward pass has the same one. */
    private void normals() {
        for (String kernel : List.of("gaussiandropout", "gaussiannoise")) {
            for (String draw : List.of("forward", "mask")) {
                atMost(kernel + ", 16 Ki, times Dropout's " + draw,
                        quotient(usual(kernel, 16 * KI), usual(draw, 16 * KI)), 4);
            }
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
        Optional<Row> row = ours(kernel, inPlace, "float32", "1", size, TIER, p);
        atMost(words + ", times " + row.map(Row::limit).orElse(""),
                row.map(Row::ratio).orElse(Double.NaN), bound);
    }

    private double ratio(String kernel, boolean inPlace, long elements, double p) {
        return ours(kernel, inPlace, "float32", "1", elements, TIER, p)
                .map(Row::ratio).orElse(Double.NaN);
    }

    private Optional<Row> usual(String kernel, long elements) {
        return ours(kernel, false, "float32", "1", elements, TIER, 0.1);
    }

    private void tiers() {
        Optional<Row> wide = ours("forward", false, "float32", "1", 16 * KI, TIER, 0.1);
        Optional<Row> narrow = ours("forward", false, "float32", "1", 16 * KI, "avx2", 0.1);
        atMost("AVX2 tier, 16 Ki, times the AVX-512 tier", quotient(narrow, wide), 2.2);
    }

    private void threads() {
        for (long size : new long[] {MI, 64 * MI}) {
            atLeast("all threads, " + Sizes.text(size) + ", times the throughput of one",
                    quotient(ours("forward", false, "float32", "1", size, TIER, 0.1),
                            ours("forward", false, "float32", "all", size, TIER, 0.1)),
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
                                ours("forward", false, "float32", "1", row.elements(), TIER, 0.1)),
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

    private void atMost(String what, double measured, double bound) {
        targets.add(new Target(what, measured, bound, true));
    }

    private void atLeast(String what, double measured, double bound) {
        targets.add(new Target(what, measured, bound, false));
    }

    static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%.1f", value);
    }
}
