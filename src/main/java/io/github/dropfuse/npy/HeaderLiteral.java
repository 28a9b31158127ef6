package io.github.dropfuse.npy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the one Python literal that a header is: a dict of strings, booleans and tuples of
 * integers, as Python spells them. Values come as String, Boolean, Long, and List for tuples and
 * lists. Of equal keys the last one counts.
 */
final class HeaderLiteral {
    /** What Python itself reads, with the dict's own braces. */
    private static final int MAX_DEPTH = 200;

    private static final Pattern WORD = Pattern.compile("\\w*");
    private static final Pattern DECIMAL = Pattern.compile("0+|[1-9]\\d*");

    private final String text;
    private int at;
    private int depth;

    private HeaderLiteral(String text) {
        this.text = text;
    }

    /** What is wrong with a literal, and where. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        SyntaxException(String message) {
            super(message);
        }
    }

    static Map<String, Object> parse(String text) throws SyntaxException {
        HeaderLiteral literal = new HeaderLiteral(text);
        literal.skipSpace();
        int parentheses = 0;
        for (; literal.accept('('); parentheses++) {
            literal.enter();
        }
        Map<String, Object> dict = literal.dict();
        for (; parentheses > 0; parentheses--) {
            literal.expect(')');
        }
        literal.skipSpace();
        if (literal.at < text.length()) {
            throw literal.unexpected("nothing more");
        }
        return dict;
    }

    private Map<String, Object> dict() throws SyntaxException {
        Map<String, Object> entries = new LinkedHashMap<>();
        expect('{');
        enter();
        while (!accept('}')) {
            if (!(value() instanceof String key)) {
                throw new SyntaxException("a key is no string");
            }
            expect(':');
            entries.put(key, value());
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        return entries;
    }

    private Object value() throws SyntaxException {
        skipSpace();
        char next = peek();
        if (isString()) {
            return string();
        }
        if (next == '(' || next == '[') {
            return sequence();
        }
        if (next == '-' || next == '+' || next >= '0' && next <= '9') {
            return integer();
        }
        for (Boolean constant : List.of(true, false)) {
            String name = constant ? "True" : "False";
            if (text.startsWith(name, at)) {
                at += name.length();
                return constant;
            }
        }
        throw unexpected("a string, a number, True, False or a tuple");
    }

    /** A tuple or list; without a comma, parentheses are about a value only. */
    private Object sequence() throws SyntaxException {
        enter();
        char close = peek() == '(' ? ')' : ']';
        at++;
        List<Object> values = new ArrayList<>();
        boolean comma = close == ']';
        while (!accept(close)) {
            values.add(value());
            if (!accept(',')) {
                expect(close);
                break;
            }
            comma = true;
        }
        depth--;
        return comma || values.isEmpty() ? values : values.getFirst();
    }

    private void enter() throws SyntaxException {
        if (++depth > MAX_DEPTH) {
            throw new SyntaxException("nested more than " + MAX_DEPTH + " deep");
        }
    }

    private boolean isString() {
        return PythonString.isAt(text, at);
    }

    /** One string, or several, which Python puts together. */
    private String string() throws SyntaxException {
        StringBuilder string = new StringBuilder();
        do {
            PythonString part = PythonString.read(text, at);
            string.append(part.value());
            at = part.end();
            skipSpace();
        } while (isString());
        return string.toString();
    }

    private Long integer() throws SyntaxException {
        String sign = peek() == '-' || peek() == '+' ? text.substring(at, at + 1) : "";
        at += sign.length();
        skipSpace();
        int begin = at;
        Matcher rest = WORD.matcher(text).region(at, text.length());
        at = rest.lookingAt() ? rest.end() : at;
        String word = text.substring(begin, at);
        skipSpace();
        if (peek() == 'L') {
            at++; // Python 2 wrote long integers so
        } else if (word.endsWith("L")) {
            word = word.substring(0, word.length() - 1);
        }
        try {
            return number(sign, word);
        } catch (NumberFormatException e) {
            throw new SyntaxException(
                    "number " + sign + word + " is malformed, or not within 64 bits");
        }
    }

    private static long number(String sign, String word) {
        int base =
                switch (word.length() < 2 ? "" : word.substring(0, 2)) {
                    case "0x", "0X" -> 16;
                    case "0o", "0O" -> 8;
                    case "0b", "0B" -> 2;
                    default -> 10;
                };
        String digits = base == 10 ? word : word.substring(2);
        String bare = digits.replace("_", "");
        boolean spaced = word.contains("__") || word.startsWith("_") || word.endsWith("_");
        if (spaced || base == 10 && !DECIMAL.matcher(bare).matches()) {
            throw new NumberFormatException();
        }
        return Long.parseLong(sign + bare, base);
    }

    private boolean accept(char wanted) {
        skipSpace();
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char wanted) throws SyntaxException {
        if (!accept(wanted)) {
            throw unexpected("'" + wanted + "'");
        }
    }

    /** Skips white space, comments, and ends of lines after a backslash. */
    private void skipSpace() {
        while (at < text.length()) {
            if (" \t\r\n\f".indexOf(peek()) >= 0) {
                at++;
            } else if (peek() == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("\\\n", at)) {
                at += 2;
            } else {
                return;
            }
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private SyntaxException unexpected(String wanted) {
        String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new SyntaxException(
                "at character " + at + " there is " + found + ", expected is " + wanted);
    }
}
