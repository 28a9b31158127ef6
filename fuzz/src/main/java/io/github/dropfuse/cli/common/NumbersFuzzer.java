package io.github.dropfuse.cli.common;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The command line's numbers, of any text, beside a second reading of what they may be. */
public final class NumbersFuzzer {
    private static final BigInteger TWO_63 = BigInteger.ONE.shiftLeft(63);
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    private record Whole(ITypeConverter<Long> converter, BigInteger least, BigInteger end) {}

    private static final List<Whole> WHOLE =
            List.of(
                    new Whole(new Numbers.Any64(), TWO_63.negate(), TWO_64),
                    new Whole(new Numbers.Unsigned64(), BigInteger.ZERO, TWO_64),
                    new Whole(new Numbers.Unsigned63(), BigInteger.ZERO, TWO_63),
                    new Whole(new Numbers.Positive63(), BigInteger.ONE, TWO_63));

    private NumbersFuzzer() {}

    /** Gives a text to every converter. */
    public static void fuzzerTestOneInput(FuzzedDataProvider input) throws Exception {
        String text = input.consumeRemainingAsString();
        BigInteger number = whole(text);
        for (Whole kind : WHOLE) {
            boolean right =
                    number != null
                            && number.compareTo(kind.least) >= 0
                            && number.compareTo(kind.end) < 0;
            Long got = convert(kind.converter, text);
            check(right == (got != null), text, got);
            check(!right || got == number.longValue(), text, got);
        }
        Double p = convert(new Numbers.Probability(), text);
        check(p == null || p >= 0 && p <= 1, text, p);
        if (text.matches("[0-9]{1,20}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")) {
            double wanted = new BigDecimal(text).doubleValue();
            check(wanted <= 1 ? p != null && p == wanted : p == null, text, p);
        }
    }

    /** A number of digits, or of hexadecimal ones after 0x, and perhaps a sign; null for others. */
    private static BigInteger whole(String text) {
        if (text.matches("-?[0-9]+")) {
            return new BigInteger(text);
        }
        if (text.matches("-?0[xX][0-9a-fA-F]+")) {
            BigInteger number = new BigInteger(text.replaceFirst("-?0[xX]", ""), 16);
            return text.startsWith("-") ? number.negate() : number;
        }
        return null;
    }

    /** Null for what is refused, with the text and what is allowed. */
    private static <T> T convert(ITypeConverter<T> converter, String text) throws Exception {
        try {
            return converter.convert(text);
        } catch (TypeConversionException e) {
            check(e.getMessage().startsWith(text + ", allowed are "), text, e.getMessage());
            return null;
        }
    }

    private static void check(boolean right, String text, Object got) {
        if (!right) {
            throw new AssertionError("'" + text + "' gave " + got);
        }
    }
}
