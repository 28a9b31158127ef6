package io.github.dropfuse.bytedeco;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.Generator;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The snippets of the moving guide's section and of this adapter's page compile and run. */
class GuideTest {
    private static final List<String> IMPORTS =
            List.of(
                    "io.github.dropfuse.Generator",
                    "io.github.dropfuse.PhiloxState",
                    "io.github.dropfuse.bytedeco.Drop",
                    "io.github.dropfuse.layer.*",
                    "org.bytedeco.javacpp.PointerScope",
                    "org.bytedeco.pytorch.Tensor",
                    "static org.bytedeco.pytorch.global.torch.*");

    static List<String> snippets() throws Exception {
        String guide = Files.readString(Path.of(System.getProperty("dropfuse.guide")));
        String section = guide.substring(guide.indexOf("## From bytedeco's PyTorch\n"));
        int next = section.indexOf("\n## ", 1);
        String page = Files.readString(Path.of("README.md"));
        List<String> snippets = new ArrayList<>();
        for (String text : List.of(next < 0 ? section : section.substring(0, next), page)) {
            Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(text);
            while (block.find()) {
                snippets.add(block.group(1));
            }
        }
        assertEquals(2, snippets.size());
        return snippets;
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void compilesAndRuns(String snippet, @TempDir Path directory) throws Exception {
        StringBuilder source = new StringBuilder();
        IMPORTS.forEach(name -> source.append("import ").append(name).append(";\n"));
        source.append("public class Snippet {\n    public static void run(")
                .append("Tensor x, Generator generator")
                .append(") throws Exception {\n")
                .append(snippet)
                .append("    }\n}\n");
        Path file = Files.writeString(directory.resolve("Snippet.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        boolean compiled =
                compiler.getTask(
                                errors,
                                null,
                                null,
                                Arrays.asList(
                                        "-d",
                                        directory.toString(),
                                        "-cp",
                                        System.getProperty("java.class.path")),
                                null,
                                compiler.getStandardFileManager(null, null, null)
                                        .getJavaFileObjects(file))
                        .call();
        assertEquals(true, compiled, errors + "\n" + source);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            for (Method method : loader.loadClass("Snippet").getMethods()) {
                if (method.getName().equals("run")) {
                    method.invoke(
                            null,
                            torch.ones(8, 8).set_requires_grad(true),
                            Generator.seeded(42));
                }
            }
        }
    }
}
