package io.github.dropfuse.bench.report;

import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.Locale;

/** Counts in powers of 1024: 64, 4 Ki, 64 Mi. */
final class SizeFormat extends NumberFormat {
    private static final long serialVersionUID = 1L;
    private static final String[] UNITS = {"", " Ki", " Mi", " Gi"};

    static String text(double number) {
        int unit = 0;
        while (number >= 1024 && unit < UNITS.length - 1) {
            number /= 1024;
            unit++;
        }
        String digits =
                number == Math.rint(number)
                        ? Long.toString((long) number)
                        : String.format(Locale.ROOT, "%.2f", number);
        return digits + UNITS[unit];
    }

    @Override
    public StringBuffer format(double number, StringBuffer to, FieldPosition position) {
        return to.append(text(Math.rint(number)));
    }

    @Override
    public StringBuffer format(long number, StringBuffer to, FieldPosition position) {
        return to.append(text(number));
    }

    @Override
    public Number parse(String source, ParsePosition position) {
        throw new UnsupportedOperationException("sizes are only written");
    }
}
