package io.github.dropfuse.integrations.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A page of Markdown, or a part of one.
 *
 * @param text what stands there
 */
public record Page(String text) {
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /**
     * Reads a page.
     *
     * @param file in UTF-8
     * @return the whole page
     * @throws IOException if it cannot be read
     */
    public static Page of(Path file) throws IOException {
        return new Page(Files.readString(file));
    }

    /**
     * A section, up to the next one.
     *
     * @param heading of the second level, without the marks before it
     * @return that part of the page
     * @throws IllegalArgumentException if there is no such heading
     */
    public Page section(String heading) {
        String line = "\n## " + heading + "\n";
        int begin = text.indexOf(line);
        if (begin < 0) {
            throw new IllegalArgumentException("there is no section " + heading);
        }
        int end = text.indexOf("\n## ", begin + line.length());
        return new Page(text.substring(begin, end < 0 ? text.length() : end));
    }

    /**
     * The blocks of Java.
     *
     * @return their lines, in the order of the page
     */
    public List<String> java() {
        return JAVA.matcher(text).results().map(block -> block.group(1)).toList();
    }

    /**
     * The rows of the tables, headings and rulers left out.
     *
     * @return the cells of each row
     */
    public List<List<String>> rows() {
        List<String> lines = text.lines().filter(line -> line.startsWith("|")).toList();
        return IntStream.range(0, lines.size())
                .filter(i -> !isRuler(lines, i) && !isRuler(lines, i + 1))
                .mapToObj(i -> cells(lines.get(i)))
                .toList();
    }

    private static boolean isRuler(List<String> lines, int at) {
        return at < lines.size() && lines.get(at).startsWith("|---");
    }

    private static List<String> cells(String row) {
        return Arrays.stream(row.split("\\|")).skip(1).map(String::strip).toList();
    }

    /**
     * The code within a line.
     *
     * @param cell a line or a part of it
     * @return what stands between backticks
     */
    public static List<String> code(String cell) {
        return CODE.matcher(cell).results().map(code -> code.group(1)).toList();
    }
}
