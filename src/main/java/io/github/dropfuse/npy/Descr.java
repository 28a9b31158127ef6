package io.github.dropfuse.npy;

import java.nio.ByteOrder;

/**
 * NumPy's text for a type, such as {@code <f4}, {@code f} or {@code float32}.
 *
 * @param text the text
 */
record Descr(String text) {
    private static final String MARKS = "<>=|";

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
