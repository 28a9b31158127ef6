package digits;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** Trains all variants, and writes what came of it. */
public final class Main {
    private Main() {}

    /**
     * Runs a mode.
     *
     * @param arguments the mode, {@code quick} or {@code full}, and the directory to write to
     */
    public static void main(String[] arguments) throws Exception {
        Mode mode = Mode.named(arguments[0]);
        Path directory = Path.of(arguments[1]);
        Results results = train(mode);
        results.write(directory.resolve("results.json"));
        Path page = directory.resolve("index.html");
        Files.writeString(page, Page.of(results));
        System.out.println(page);
    }

    private static Results train(Mode mode) throws Exception {
        Instant begun = Instant.now();
        Map<String, String> facts = Machine.facts(mode);
        Experiment experiment = new Experiment(mode);
        boolean resumed = experiment.resumesWithTheSameBits();
        Results results = new Results(mode, facts, resumed, experiment.run(Main::print));
        facts.put("took", Duration.between(begun, Instant.now()).toSeconds() + " s");
        return results;
    }

    private static void print(Run run) {
        System.out.printf(
                Locale.ROOT,
                "seed %d  %2d branches  %-32s  loss in training %.3f, in test %.3f  test accuracy"
                        + " %.3f%n",
                run.seed(),
                run.depth(),
                run.variant().label(),
                run.last().train().loss(),
                run.last().test().loss(),
                run.last().test().accuracy());
    }
}
