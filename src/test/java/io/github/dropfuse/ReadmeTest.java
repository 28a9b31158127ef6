package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's sample, as it is copied from there. */
class ReadmeTest {
    private static final Pattern SAMPLE = Pattern.compile("```java\n(.*?)\n\\}\n```", Pattern.DOTALL);

    /** What is looked at in the end: that numbers went in, and the gradient has the same mask. */
    private static final String LOOK =
            """
                boolean same = true;
                long kept = 0;
                for (long i = 0; i < y.size(); i++) {
                    kept += y.get(i) != 0 ? 1 : 0;
                    same &= (y.get(i) != 0) == (x.get(i) != 0);
                }
                System.out.println(same + " " + Math.round(10.0 * kept / y.size()));
            """;

    @TempDir private Path directory;

    @Test
    void theSampleRuns() throws IOException {
        String readme = Files.readString(NativeBuild.target().resolveSibling("README.md"));
        Matcher sample = SAMPLE.matcher(readme);
        sample.find();
        Path program =
                Files.writeString(
                        directory.resolve("Sample.java"),
                        sample.group(1).replaceFirst("\n\n", "\n\nvoid main() {\n")
                                + "\n" + LOOK + "}\n}\n");
        Output output = NativeBuild.runSource(program);
        String said =
                sample.group(1).lines()
                        .filter(line -> line.strip().startsWith("// "))
                        .map(line -> line.strip().substring(3) + "\n")
                        .collect(Collectors.joining());
        assertTrue(said.startsWith("Tensor["), "the README says what is printed");
        assertEquals(said + "true 9\n", output.text());
        assertEquals(0, output.exit());
    }

    /** The adapter's page has them as a program, which the adapter's tests and CI run. */
    @Test
    void theLinesForDjlAreThoseOfItsPage() throws IOException {
        Path readme = NativeBuild.target().resolveSibling("README.md");
        String block = Files.readString(readme).split("```java\n")[2].split("```")[0];
        String page = Files.readString(readme.resolveSibling("integrations/djl/README.md"));
        assertTrue(block.startsWith("Block dropout"), block);
        assertTrue(page.contains(block), block);
    }
}
