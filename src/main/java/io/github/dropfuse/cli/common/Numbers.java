package io.github.dropfuse.cli.common;

import java.math.BigInteger;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers of the command line: 64-bit ones in their full range, decimal or hexadecimal. */
public final class Numbers {
    private static final BigInteger TWO_31 = BigInteger.ONE.shiftLeft(31);
    private static final BigInteger TWO_63 = BigInteger.ONE.shiftLeft(63);
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    private static final Pattern DECIMAL = Pattern.compile("[0-9]+");
    private static final Pattern HEXADECIMAL = Pattern.compile("0[xX][0-9a-fA-F]+");

    private Numbers() {}

    /** 64 bits, written as a signed or an unsigned number. */
    public static final class Any64 implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return parse(value, TWO_63.negate(), TWO_64, "-2^63 to 2^64 - 1");
        }
    }

    /** An unsigned number of 64 bits. */
    static final class Unsigned64 implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return parse(value, BigInteger.ZERO, TWO_64, "0 to 2^64 - 1");
        }
    }

    /** An unsigned number of 63 bits. */
    public static final class Unsigned63 implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return parse(value, BigInteger.ZERO, TWO_63, "0 to 2^63 - 1");
        }
    }

    /** A number of 63 bits that is not 0. */
    public static final class Positive63 implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return parse(value, BigInteger.ONE, TWO_63, "1 to 2^63 - 1");
        }
    }

    /** A signed number of 64 bits, such as an extent, which may be -1. */
    public static final class Signed64 implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return parse(value, TWO_63.negate(), TWO_63, "-2^63 to 2^63 - 1");
        }
    }

    /** A signed number of 32 bits. */
    public static final class Signed32 implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return (int) parse(value, TWO_31.negate(), TWO_31, "-2^31 to 2^31 - 1");
        }
    }

    /** A probability. */
    public static final class Probability implements ITypeConverter<Double> {
        @Override
        public Double convert(String value) {
            double p;
            try {
                p = Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw refused(value, "0 to 1");
            }
            if (!(p >= 0 && p <= 1)) {
                throw refused(value, "0 to 1");
            }
            return p;
        }
    }

    private static long parse(String value, BigInteger from, BigInteger to, String range) {
        boolean negative = value.startsWith("-");
        String digits = negative ? value.substring(1) : value;
        boolean hex = HEXADECIMAL.matcher(digits).matches();
        if (!hex && !DECIMAL.matcher(digits).matches()) {
            throw refused(value, range);
        }
        BigInteger number = hex ? new BigInteger(digits.substring(2), 16) : new BigInteger(digits);
        number = negative ? number.negate() : number;
        if (number.compareTo(from) < 0 || number.compareTo(to) >= 0) {
            throw refused(value, range);
        }
        return number.longValue();
    }

    private static TypeConversionException refused(String value, String range) {
        return new TypeConversionException(value + ", allowed are " + range);
    }
}
