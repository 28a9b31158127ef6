package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-1, -1",
        "18446744073709551615, -1",
        "9223372036854775808, -9223372036854775808",
        "-9223372036854775808, -9223372036854775808",
        "0xffffffffffffffff, -1",
        "-0x10, -16",
        "0X7f, 127"
    })
    void seedsAreAny64Bits(String text, long expected) {
        assertEquals(expected, new Numbers.Any64().convert(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "18446744073709551616", "-9223372036854775809", "", "-", "--1", "+1", "1.0", "x", "0x",
                "0x-1", "1e3", " 1", "0x10000000000000000", "1\u06f0", "0x\uff11"
            })
    void otherSeedsAreRefused(String text) {
        assertRefused(text, "-2^63 to 2^64 - 1", () -> new Numbers.Any64().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "9223372036854775807, 9223372036854775807"})
    void offsetsHave63Bits(String text, long expected) {
        assertEquals(expected, new Numbers.Unsigned63().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "9223372036854775808", "x"})
    void otherOffsetsAreRefused(String text) {
        assertRefused(text, "0 to 2^63 - 1", () -> new Numbers.Unsigned63().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "18446744073709551615, -1"})
    void startsAreUnsigned(String text, long expected) {
        assertEquals(expected, new Numbers.Unsigned64().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "18446744073709551616"})
    void otherStartsAreRefused(String text) {
        assertRefused(text, "0 to 2^64 - 1", () -> new Numbers.Unsigned64().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "0.1, 0.1", "1e-3, 0.001", "0x1p-30, 9.313225746154785E-10"})
    void probabilities(String text, double expected) {
        assertEquals(expected, new Numbers.Probability().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1.1", "NaN", "Infinity", "half", "", "-1e-300"})
    void otherProbabilitiesAreRefused(String text) {
        assertRefused(text, "0 to 1", () -> new Numbers.Probability().convert(text));
    }

    private static void assertRefused(String text, String range, Runnable conversion) {
        assertEquals(
                text + ", allowed are " + range,
                assertThrows(TypeConversionException.class, conversion::run).getMessage());
    }
}
