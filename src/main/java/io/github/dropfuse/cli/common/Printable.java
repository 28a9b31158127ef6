package io.github.dropfuse.cli.common;

import java.util.Locale;
import java.util.stream.Collectors;

/** Text for a terminal: names and files' contents could hold commands for it. */
public final class Printable {
    private Printable() {}

    /** A text as one line, with escapes of Java for what cannot be seen. */
    public static String line(String text) {
        return visible(text.strip().replaceAll("\\s*\\R\\s*", "; "));
    }

    /** The same line by line. */
    public static String lines(String text) {
        return text.lines().map(Printable::visible).collect(Collectors.joining("\n"));
    }

    private static String visible(String text) {
        return text.codePoints()
                .mapToObj(c -> isVisible(c) ? Character.toString(c) : escape(c))
                .collect(Collectors.joining());
    }

    /** Marks of direction are of the kind FORMAT: they could make a name read as another. */
    private static boolean isVisible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL -> character == '\t';
            case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static String escape(int character) {
        return Character.toString(character)
                .chars()
                .mapToObj(unit -> String.format(Locale.ROOT, "\\u%04x", unit))
                .collect(Collectors.joining());
    }
}
