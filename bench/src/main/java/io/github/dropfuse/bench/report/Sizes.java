package io.github.dropfuse.bench.report;

import java.util.Locale;

/** Counts in powers of 1024: 64, 4 Ki, 64 Mi. */
final class Sizes {
    private static final String[] UNITS = {"", " Ki", " Mi", " Gi"};

    private Sizes() {}

    static String text(double number) {
        double rest = number;
        int unit = 0;
        while (rest >= 1024 && unit < UNITS.length - 1) {
            rest /= 1024;
            unit++;
        }
        String digits =
                rest == Math.rint(rest)
                        ? Long.toString((long) rest)
                        : String.format(Locale.ROOT, "%.2f", rest);
        return digits + UNITS[unit];
    }
}
