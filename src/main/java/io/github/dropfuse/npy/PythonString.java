package io.github.dropfuse.npy;

import io.github.dropfuse.npy.HeaderLiteral.SyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one of Python's string literals, with its quotes and escapes. */
final class PythonString {
    private static final Pattern BEGIN = Pattern.compile("[uUrR]?('''|\"\"\"|'|\")");
    private static final Pattern OCTAL = Pattern.compile("[0-7]{1,3}");
    private static final Pattern NAME = Pattern.compile("\\{([^}]*)\\}");
    private static final String ESCAPED = "\\'\"abfnrtv";
    private static final String MEANT = "\\'\"\u0007\b\f\n\r\t\u000b";

    private final String text;
    private final int begin;
    private final StringBuilder value = new StringBuilder();
    private int at;

    private PythonString(String text, int begin) {
        this.text = text;
        this.begin = begin;
    }

    /** Whether a string begins somewhere in a text. */
    static boolean isAt(String text, int at) {
        return BEGIN.matcher(text).region(at, text.length()).lookingAt();
    }

    /** The string that begins there. */
    static PythonString read(String text, int begin) throws SyntaxException {
        PythonString string = new PythonString(text, begin);
        string.read();
        return string;
    }

    String value() {
        return value.toString();
    }

    /** Where the text goes on behind it. */
    int end() {
        return at;
    }

    private void read() throws SyntaxException {
        Matcher opening = match(BEGIN, begin);
        String quote = opening.group(1);
        boolean raw = "rR".indexOf(text.charAt(begin)) >= 0;
        at = opening.end();
        while (!text.startsWith(quote, at)) {
            char next = next();
            if (next == '\n' && quote.length() == 1) {
                throw endless();
            }
            if (next != '\\') {
                value.append(next);
            } else if (raw) {
                value.append(next).append(next());
            } else {
                escape(next());
            }
        }
        at += quote.length();
    }

    /** What is unknown after a backslash stays as it is, in Python too. */
    private void escape(char kind) throws SyntaxException {
        int known = ESCAPED.indexOf(kind);
        if (known >= 0) {
            value.append(MEANT.charAt(known));
            return;
        }
        switch (kind) {
            case '\n' -> {}
            case 'x' -> append(hexadecimal(2));
            case 'u' -> append(hexadecimal(4));
            case 'U' -> append(hexadecimal(8));
            case 'N' -> append(named());
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                Matcher digits = match(OCTAL, at - 1);
                at = digits.end();
                append(Integer.parseInt(digits.group(), 8));
            }
            default -> value.append('\\').append(kind);
        }
    }

    private int hexadecimal(int count) throws SyntaxException {
        Matcher digits = match(Pattern.compile("\\p{XDigit}{" + count + "}"), at);
        at = digits.end();
        return Integer.parseUnsignedInt(digits.group(), 16);
    }

    private int named() throws SyntaxException {
        Matcher name = match(NAME, at);
        at = name.end();
        try {
            return Character.codePointOf(name.group(1));
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
    }

    private void append(int codePoint) throws SyntaxException {
        if (!Character.isValidCodePoint(codePoint)) {
            throw malformed();
        }
        value.appendCodePoint(codePoint);
    }

    private char next() throws SyntaxException {
        if (at >= text.length()) {
            throw endless();
        }
        return text.charAt(at++);
    }

    private Matcher match(Pattern wanted, int from) throws SyntaxException {
        Matcher matcher = wanted.matcher(text).region(from, text.length());
        if (!matcher.lookingAt()) {
            throw malformed();
        }
        return matcher;
    }

    private SyntaxException endless() {
        return new SyntaxException("string at character " + begin + " has no end");
    }

    private SyntaxException malformed() {
        return new SyntaxException("string at character " + begin + " has a malformed escape");
    }
}
