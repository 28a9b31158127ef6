package plainjava;

import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Trains without and with Dropout and DropPath, resumes a training, and shares one. */
public final class Main {
    private static final Settings PLAIN = Settings.forDigits(0, 0);
    private static final Settings REGULARISED = Settings.forDigits(0.5, 0.2);
    private static final int SAVED_AFTER = Training.EPOCHS / 2;

    private final Arena arena;
    private final long seed;
    private final Digits train;
    private final Digits test;

    private Main(Arena arena, long seed) {
        this.arena = arena;
        this.seed = seed;
        Digits digits = Digits.load(arena);
        train = digits.where(arena, i -> i % 4 == 0);
        test = digits.where(arena, i -> i % 4 != 0);
    }

    /**
     * Runs all.
     *
     * @param arguments the seed; 1 unless given
     * @throws IOException if no temporary file can be written
     */
    public static void main(String[] arguments) throws IOException {
        long seed = arguments.length == 0 ? 1 : Long.parseLong(arguments[0]);
        Path file = Files.createTempFile("training", ".checkpoint");
        try (Arena arena = Arena.ofShared()) {
            Main main = new Main(arena, seed);
            String digest = main.compare(file);
            main.resume(file, digest);
            main.share(digest);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Trains without and with, and saves the latter on the way. Gives its digest at the end. */
    private String compare(Path file) throws IOException {
        Evaluation training = new Evaluation(arena, PLAIN, train);
        Evaluation testing = new Evaluation(arena, PLAIN, test);
        print("%d digits to train with, %d others to test with, seed %d, on %s%n%n",
                train.count(), test.count(), seed, Backends.automatic());
        print("       |      nothing dropped       | Dropout %s, DropPath to %s%n",
                REGULARISED.dropout(), REGULARISED.dropPath());
        print("       | training    test     test  | training    test     test%n");
        print(" epoch |     loss    loss  correct  |     loss    loss  correct%n");
        try (Training plain = new Training(arena, PLAIN, train, seed, 1);
                Training regularised = new Training(arena, REGULARISED, train, seed, 1)) {
            for (int epoch = 1; epoch <= Training.EPOCHS; epoch++) {
                print("%6d", epoch);
                for (Training each : List.of(plain, regularised)) {
                    each.runEpoch();
                    Evaluation.Score seen = training.of(each.parameters());
                    Evaluation.Score unseen = testing.of(each.parameters());
                    print(" | %8.4f %7.4f   %5.1f %%",
                            seen.loss(), unseen.loss(), unseen.percent());
                }
                print("%n");
                if (epoch == SAVED_AFTER) {
                    regularised.save(file);
                }
            }
            print("%nat once, one worker:    parameters %s%n", regularised.digest());
            return regularised.digest();
        }
    }

    private void resume(Path file, String expected) throws IOException {
        try (Training training = new Training(arena, REGULARISED, train, seed, 1)) {
            training.resume(file);
            finish(training);
            report("resumed after epoch " + SAVED_AFTER, training, expected);
        }
    }

    private void share(String expected) {
        try (Training training = new Training(arena, REGULARISED, train, seed, 2)) {
            finish(training);
            report("two workers", training, expected);
        }
    }

    private static void finish(Training training) {
        while (training.epochs() < Training.EPOCHS) {
            training.runEpoch();
        }
    }

    private static void report(String what, Training training, String expected) {
        String digest = training.digest();
        if (!digest.equals(expected)) {
            throw new AssertionError(what + ": parameters " + digest + ", not " + expected);
        }
        print("%-23s same bits,  %s%n", what + ":", digest);
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }
}
