package io.github.dropfuse.npy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the one Python literal that a header is: a dict of strings, booleans and tuples of
 * integers. Values come as String, Boolean, Long, and List for tuples and lists.
 */
final class HeaderLiteral {
    private static final int MAX_DEPTH = 8;

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
        Map<String, Object> dict = literal.dict();
        literal.skipSpace();
        if (literal.at < text.length()) {
            throw literal.unexpected("nothing more");
        }
        return dict;
    }

    private Map<String, Object> dict() throws SyntaxException {
        Map<String, Object> entries = new LinkedHashMap<>();
        expect('{');
        while (!accept('}')) {
            skipSpace();
            String key = string();
            expect(':');
            if (entries.put(key, value()) != null) {
                throw new SyntaxException("key '" + key + "' comes twice");
            }
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
        if (next == '\'' || next == '"') {
            return string();
        }
        if (next == '(') {
            return sequence('(', ')');
        }
        if (next == '[') {
            return sequence('[', ']');
        }
        if (next == '-' || next >= '0' && next <= '9') {
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

    private List<Object> sequence(char open, char close) throws SyntaxException {
        if (++depth > MAX_DEPTH) {
            throw new SyntaxException("nested more than " + MAX_DEPTH + " deep");
        }
        List<Object> values = new ArrayList<>();
        expect(open);
        while (!accept(close)) {
            values.add(value());
            if (!accept(',')) {
                expect(close);
                break;
            }
        }
        depth--;
        return values;
    }

    private String string() throws SyntaxException {
        char quote = peek();
        if (quote != '\'' && quote != '"') {
            throw unexpected("a string");
        }
        int end = text.indexOf(quote, at + 1);
        if (end < 0) {
            throw new SyntaxException("string at character " + at + " has no end");
        }
        String string = text.substring(at + 1, end);
        if (string.indexOf('\\') >= 0) {
            throw new SyntaxException("string at character " + at + " has an escape");
        }
        at = end + 1;
        return string;
    }

    private Long integer() throws SyntaxException {
        int begin = at;
        if (peek() == '-') {
            at++;
        }
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        String digits = text.substring(begin, at);
        if (peek() == 'L') {
            at++; // Python 2 wrote long integers so
        }
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            throw new SyntaxException("number " + digits + " is not within 64 bits");
        }
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

    private void skipSpace() {
        while (at < text.length() && " \t\r\n\f".indexOf(text.charAt(at)) >= 0) {
            at++;
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
