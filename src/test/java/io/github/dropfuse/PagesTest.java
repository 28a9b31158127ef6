package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Text;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Java of the Markdown pages, as it stands there. All of it is compiled, and what is in the
 * site's own pages is run. Lines that are comments say what is printed.
 *
 * <p>The README has a test of its own, and the adapters' tests have what needs their frameworks.
 */
class PagesTest {
    private static final Path ROOT = NativeBuild.target().getParent();
    private static final Set<String> ELSEWHERE = Set.of("README.md");
    private static final Set<String> WITH_FRAMEWORKS =
            Set.of("From DJL", "From Deeplearning4j", "From bytedeco's PyTorch");

    /** Code within a line that is a whole statement. */
    private static final Pattern CODE =
            Pattern.compile("`((?:new |[a-zA-Z]+\\.)[^`…]*\\([^`…]*)`");

    /** What snippets may speak of. */
    private static final String IMPORTS =
            """
            import io.github.dropfuse.*;
            import io.github.dropfuse.cuda.*;
            import io.github.dropfuse.layer.*;
            import io.github.dropfuse.npy.*;
            import java.lang.foreign.*;
            import java.nio.file.*;
            import java.util.*;
            import java.util.concurrent.*;
            import java.util.stream.*;
            """;

    private static final String NAMES =
            """
            static Arena arena;
            static Generator generator;
            static PhiloxState state;
            static Tensor x, y, dy, dx, host;
            static Tensor branch, gamma, bias, residual, out, h, previous;
            static double p, rate, sigma;
            static int s, k, batch, depth;
            static DropPath dropPath;
            static Path directory;

            static void begin(String place, Arena of) throws Exception {
                System.out.println("== " + place);
                arena = of;
                generator = Generator.seeded(42);
                state = generator.state();
                x = ones();
                y = ones();
                dy = ones();
                dx = ones();
                host = ones();
                directory = Files.createTempDirectory("pages");
            }

            static Tensor ones() {
                Tensor ones = Tensor.allocate(arena, DType.FLOAT32, 8, 4, 16, 16);
                ones.fill(1);
                return ones;
            }
            """;

    private static final String CALL =
            """
            try (Arena of = Arena.ofShared()) {
                begin("%s", of);
                snippet%d();
            }
            """;

    private record Snippet(String place, String code, boolean runs) {
        /** Lines that are comments, which say what is printed. */
        String said() {
            return code.lines()
                    .map(String::strip)
                    .filter(line -> line.startsWith("// "))
                    .map(line -> line.substring(3) + "\n")
                    .collect(Collectors.joining());
        }
    }

    @TempDir private Path directory;

    @Test
    void javaOfPagesIsCompiledAndRuns() throws Exception {
        List<Snippet> snippets = new ArrayList<>();
        for (Path page : pages()) {
            snippets.addAll(snippets(page));
        }
        assertTrue(snippets.size() >= 30, "the pages are found: " + snippets.size());
        List<Snippet> rows = rowsOfTheGuide();
        assertTrue(rows.size() >= 25, "the guide's tables are found: " + rows.size());
        snippets.addAll(rows);
        StringBuilder source = new StringBuilder(IMPORTS + "final class Pages {\n" + NAMES);
        StringBuilder main = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < snippets.size(); i++) {
            Snippet snippet = snippets.get(i);
            source.append("// " + snippet.place + "\n")
                    .append("static void snippet" + i + "() throws Exception {\n")
                    .append(snippet.code + "}\n");
            if (snippet.runs) {
                main.append(CALL.formatted(snippet.place, i));
                expected.append("== " + snippet.place + "\n" + snippet.said());
            }
        }
        source.append("public static void main(String[] none) throws Exception {\n")
                .append(main + "}\n}\n");
        assertEquals(expected.toString(), run(source.toString()));
    }

    private String run(String source) throws IOException {
        Path file = Files.writeString(directory.resolve("Pages.java"), source);
        Output output =
                NativeBuild.runSource(file, "-Djava.io.tmpdir=" + directory); // Which is deleted.
        assertEquals(0, output.exit(), output.text());
        return output.text();
    }

    private static List<Path> pages() throws IOException {
        Set<String> others = Set.of("target", "build", "integrations", "node_modules", ".git");
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(
                            file ->
                                    Stream.of(ROOT.relativize(file).toString().split("[/\\\\]"))
                                            .noneMatch(others::contains))
                    .filter(file -> !ELSEWHERE.contains(ROOT.relativize(file).toString()))
                    .sorted()
                    .toList();
        }
    }

    /** What stands for others' calls in the tables of the moving guide. */
    private static List<Snippet> rowsOfTheGuide() throws IOException {
        String page = "src/site/moving.md";
        List<Snippet> rows = new ArrayList<>();
        String section = "";
        int number = 0;
        for (String line : Files.readAllLines(ROOT.resolve(page))) {
            number++;
            section = line.startsWith("## ") ? line.substring(3) : section;
            if (line.startsWith("|") && !WITH_FRAMEWORKS.contains(section)) {
                Matcher codes = CODE.matcher(line.split("\\|")[2]);
                while (codes.find()) {
                    rows.add(new Snippet(page + ":" + number, codes.group(1) + ";\n", false));
                }
            }
        }
        return rows;
    }

    private static List<Snippet> snippets(Path page) throws IOException {
        String name = ROOT.relativize(page).toString().replace('\\', '/');
        List<Snippet> snippets = new ArrayList<>();
        Parser.builder()
                .includeSourceSpans(IncludeSourceSpans.BLOCKS)
                .build()
                .parse(Files.readString(page))
                .accept(
                        new AbstractVisitor() {
                            private String section = "";

                            @Override
                            public void visit(Heading heading) {
                                StringBuilder text = new StringBuilder();
                                heading.accept(
                                        new AbstractVisitor() {
                                            @Override
                                            public void visit(Text part) {
                                                text.append(part.getLiteral());
                                            }
                                        });
                                section = heading.getLevel() < 3 ? text.toString() : section;
                            }

                            @Override
                            public void visit(FencedCodeBlock block) {
                                if (block.getInfo().equals("java")
                                        && !WITH_FRAMEWORKS.contains(section)) {
                                    int line = block.getSourceSpans().getFirst().getLineIndex() + 1;
                                    snippets.add(
                                            new Snippet(
                                                    name + ":" + line, block.getLiteral(),
                                                    name.startsWith("src/site/")));
                                }
                            }
                        });
        return snippets;
    }
}
