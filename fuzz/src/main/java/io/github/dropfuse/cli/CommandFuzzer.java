package io.github.dropfuse.cli;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.github.dropfuse.DType;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.LayerOption;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.npy.NpyOutput;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Whole command lines of {@code mask} and {@code apply}: their options in any order, with values of any
 * text. The exit code has to be a documented one, and an error one line.
 */
public final class CommandFuzzer {
    private static final List<String> MASK =
            List.of("--p", "--seed", "--count", "--offset", "--start", "--whole-shape",
                    "--shard-from", "--shape", "--tier", "--device");
    private static final List<String> VALUES =
            List.of("0", "1", "0.5", "2", "4", "2,3", "6,8", "0,4", "-1", "x", "scalar", "best",
                    "18446744073709551615", "9223372036854775807", "0x10", "1e-3", "nan", "");

    /** Options whose numbers say how long a command computes. */
    private static final Set<String> WORK = Set.of("--count", "--shape", "--calls");

    private static final int MOST = 10_000;
    private static final Pattern PRIVATE = Pattern.compile("java\\.|Exception|\\bnull\\b|\\tat ");
    private static final Path INPUT = input();
    private static final List<String> APPLY = applyOptions();

    private CommandFuzzer() {}

    /** Runs a command line within this process. */
    public static void fuzzerTestOneInput(FuzzedDataProvider input) {
        List<String> words = new ArrayList<>();
        boolean masks = input.consumeBoolean();
        words.add(masks ? "mask" : "apply");
        words.addAll(List.of("--backend", "reference"));
        if (input.consumeBoolean()) { // what is needed in any case
            words.addAll(masks ? List.of("--p=0.5", "--seed=1", "--count=9") : layer(input));
        }
        List<String> options = masks ? MASK : APPLY;
        StringBuilder texts = new StringBuilder();
        for (int n = input.consumeInt(0, 6); n > 0; n--) {
            String option = input.pickValue(options);
            String value = input.consumeBoolean() ? input.pickValue(VALUES) : input.consumeString(20);
            if (!isShort(option, value)) {
                return;
            }
            texts.append(value).append('\n');
            words.add(option + "=" + value);
        }
        if (!masks) {
            words.addAll(List.of(INPUT.toString(), "/dev/null"));
        }
        run(words, texts.toString());
    }

    private static List<String> layer(FuzzedDataProvider input) {
        LayerType type = input.pickValue(Catalogue.layers());
        return List.of("--layer=" + type.name(), "--p=0.5", "--seed=1");
    }

    private static void run(List<String> words, String texts) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                Main.run(
                        new PrintWriter(out), new PrintWriter(err), words.toArray(String[]::new));
        String said = err.toString();
        boolean right =
                switch (code) {
                    case 0 -> out.toString().lines().count() == 1;
                    case 1, 2 -> out.toString().isEmpty() && said.lines().count() == 1;
                    default -> false;
                };
        if (!right || leaks(said, texts)) {
            throw new AssertionError(words + " ended with " + code + ": " + out + said);
        }
    }

    /** Whether words are said that are for developers, and that the values do not have. */
    private static boolean leaks(String said, String texts) {
        return PRIVATE.matcher(said)
                .results()
                .anyMatch(found -> !texts.contains(found.group()));
    }

    /** Whether a value cannot mean much work. */
    private static boolean isShort(String option, String value) {
        if (!WORK.contains(option)) {
            return true;
        }
        BigInteger product = BigInteger.ONE;
        for (String part : value.split(",")) {
            String digits = part.replaceFirst("^0[xX]", "").strip();
            if (digits.codePoints().allMatch(c -> Character.digit(c, 16) >= 0) && !digits.isEmpty()) {
                product = product.multiply(new BigInteger(digits, 16).max(BigInteger.ONE));
            }
        }
        return product.compareTo(BigInteger.valueOf(MOST)) <= 0;
    }

    private static Path input() {
        try {
            Path directory = Files.createTempDirectory("dropfuse-fuzz");
            Path file = directory.resolve("in.npy");
            try (NpyOutput output = NpyOutput.create(file, false, DType.FLOAT32, 2, 3, 4, 5)) {
                output.commit();
            }
            directory.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The options that take no name of a file. */
    private static List<String> applyOptions() {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        Set<String> options = new TreeSet<>(MASK);
        options.removeAll(List.of("--count", "--shape"));
        options.addAll(List.of("--layer", "--stream", "--calls"));
        for (LayerType type : Catalogue.layers()) {
            type.options().stream().map(LayerOption::name).forEach(name -> options.add("--" + name));
            type.inputs().options().stream()
                    .map(LayerOption::name)
                    .forEach(name -> options.add("--" + name));
        }
        return List.copyOf(options);
    }
}
