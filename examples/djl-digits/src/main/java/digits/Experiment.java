package digits;

import ai.djl.MalformedModelException;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** All trainings of a mode. */
final class Experiment {
    /** How often branches are drawn that are left out. */
    private static final int DRAWS = 4;

    private final Mode mode;

    Experiment(Mode mode) {
        this.mode = mode;
    }

    /**
     * Trains everything, seed by seed, so that what slows the machine for a while slows all variants.
     *
     * @param progress is told what is done
     */
    List<Run> run(Consumer<Run> progress) throws IOException, TranslateException {
        List<Run> runs = new ArrayList<>();
        for (int seed = 1; seed <= mode.seeds(); seed++) {
            List<Variant> variants = new ArrayList<>(List.of(Variant.values()));
            Collections.rotate(variants, seed);
            for (Variant variant : variants) {
                List<Integer> depths =
                        variant.norm() == Variant.Norm.BATCH
                                ? List.of(mode.deep())
                                : mode.depths();
                for (int depth : depths) {
                    Run run = train(variant, depth, seed);
                    progress.accept(run);
                    runs.add(run);
                }
            }
        }
        return runs;
    }

    private Run train(Variant variant, int depth, int seed)
            throws IOException, TranslateException {
        boolean batchNorm = variant.norm() == Variant.Norm.BATCH;
        List<Point> curve = new ArrayList<>();
        double[] millis = new double[mode.epochs()];
        try (Training training = Training.begin(variant, depth, mode.images(), seed)) {
            for (int epoch = 1; epoch <= mode.epochs(); epoch++) {
                long begun = processorTime();
                training.epoch(epoch);
                millis[epoch - 1] = (processorTime() - begun) / 1e6;
                if (epoch == 1 || epoch % mode.interval() == 0) {
                    curve.add(training.point(epoch));
                }
            }
            Arrays.sort(millis);
            return new Run(
                    variant,
                    depth,
                    seed,
                    curve,
                    millis[millis.length / 2],
                    batchNorm ? List.of() : shorten(training, depth, seed),
                    batchNorm ? training.varianceRatios() : List.of(),
                    batchNorm ? training.testScoreWithNewStatistics() : curve.getLast().test());
        }
    }

    private static long processorTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Leaves out 0 branches, 1 branch, ... up to half of them: means over several draws. */
    private static List<Float> shorten(Training training, int depth, int seed) {
        Random random = new Random(seed);
        List<Float> accuracies = new ArrayList<>();
        for (int count = 0; count <= (depth + 1) / 2; count++) {
            float sum = 0;
            for (int draw = 0; draw < DRAWS; draw++) {
                List<Integer> branches =
                        new ArrayList<>(IntStream.range(0, depth).boxed().toList());
                Collections.shuffle(branches, random);
                sum += training.testAccuracyWithout(branches.subList(0, count));
            }
            accuracies.add(sum / DRAWS);
        }
        return accuracies;
    }

    /**
     * Trains with Dropout and DropPath without a break, and again with one: saved half-way, and
     * loaded into a new network.
     *
     * @return whether both end with the same bits
     */
    boolean resumesWithTheSameBits()
            throws IOException, TranslateException, MalformedModelException {
        int half = 2;
        Variant variant = Variant.BOTH;
        Path directory = Files.createTempDirectory("digits");
        try {
            List<String> whole;
            try (Training training = Training.begin(variant, mode.deep(), mode.images(), 1)) {
                for (int epoch = 1; epoch <= 2 * half; epoch++) {
                    training.epoch(epoch);
                }
                whole = training.bits();
            }
            try (Training training = Training.begin(variant, mode.deep(), mode.images(), 1)) {
                for (int epoch = 1; epoch <= half; epoch++) {
                    training.epoch(epoch);
                }
                training.save(directory);
            }
            try (Training training =
                    Training.resume(variant, mode.deep(), mode.images(), 1, directory)) {
                for (int epoch = half + 1; epoch <= 2 * half; epoch++) {
                    training.epoch(epoch);
                }
                return training.bits().equals(whole);
            }
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
