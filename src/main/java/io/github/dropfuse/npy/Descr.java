package io.github.dropfuse.npy;

import java.nio.ByteOrder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NumPy's text for a type, such as {@code <f4}, {@code f} or {@code float32}.
 *
 * @param text the text
 */
record Descr(String text) {
    private static final String MARKS = "<>=|";

    /** One element, as a count or a shape, with the order before or after it. */
    private static final Pattern SINGLE =
            Pattern.compile("([<>=|]?)(?:1|\\(\\)|\\(1,\\)|\\(1(?:,1)+,?\\)) *([<>=|]?)(\\D.*)");

    /** Reads a text, without what says that it is one element and no more. */
    static Descr of(String text) {
        Matcher single = SINGLE.matcher(text);
        boolean oneOrder =
                single.matches() && (single.group(1).isEmpty() || single.group(2).isEmpty());
        return new Descr(
                oneOrder ? single.group(1) + single.group(2) + single.group(3) : text);
    }

    /** What tells the byte order, or a space. */
    char mark() {
        return text.isEmpty() || MARKS.indexOf(text.charAt(0)) < 0 ? ' ' : text.charAt(0);
    }

    /** What tells the kind and the size. */
    String code() {
        return mark() == ' ' ? text : text.substring(1);
    }

    /** The byte order of elements that have more bytes than one. */
    ByteOrder order() {
        return switch (mark()) {
            case '<' -> ByteOrder.LITTLE_ENDIAN;
            case '>' -> ByteOrder.BIG_ENDIAN;
            default -> ByteOrder.nativeOrder();
        };
    }

    /** Whether there is an order, or a name that has none: raw bytes are a number then. */
    boolean isNumber() {
        return !code().equals("V2") || "<>=".indexOf(mark()) >= 0;
    }
}
