package io.github.dropfuse.dl4j;

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
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The snippets of the moving guide's section and of this adapter's page compile and run. */
class GuideTest {
    private static final List<String> IMPORTS =
            List.of(
                    "io.github.dropfuse.*",
                    "io.github.dropfuse.dl4j.*",
                    "io.github.dropfuse.layer.Dropout",
                    "org.deeplearning4j.nn.conf.*",
                    "org.deeplearning4j.nn.conf.inputs.InputType",
                    "org.deeplearning4j.nn.conf.layers.*",
                    "org.deeplearning4j.nn.multilayer.MultiLayerNetwork",
                    "org.nd4j.linalg.activations.Activation",
                    "org.nd4j.linalg.api.ndarray.INDArray",
                    "org.nd4j.linalg.api.shape.Shape",
                    "org.nd4j.linalg.dataset.DataSet",
                    "org.nd4j.linalg.indexing.NDArrayIndex",
                    "org.nd4j.linalg.learning.config.Adam",
                    "java.io.File");

    static List<String> snippets() throws Exception {
        String guide = Files.readString(Path.of(System.getProperty("dropfuse.guide")));
        String section = guide.substring(guide.indexOf("## From Deeplearning4j\n"));
        int next = section.indexOf("\n## ", 1);
        String page = Files.readString(Path.of("README.md"));
        List<String> snippets = new ArrayList<>();
        for (String text : List.of(next < 0 ? section : section.substring(0, next), page)) {
            Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(text);
            while (block.find()) {
                snippets.add(block.group(1));
            }
        }
        assertEquals(3, snippets.size());
        return snippets;
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void compilesAndRuns(String snippet, @TempDir Path directory) throws Exception {
        StringBuilder source = new StringBuilder();
        IMPORTS.forEach(name -> source.append("import ").append(name).append(";\n"));
        source.append("public class Snippet {\n    public static void run(")
                .append("INDArray array, Generator generator, DataSet batch")
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
                            Nd4j.ones(DataType.FLOAT, 8, 8),
                            Generator.seeded(42),
                            batch());
                }
            }
        }
    }

    private static DataSet batch() {
        return new DataSet(
                Nd4j.ones(DataType.FLOAT, 4, 784), Nd4j.ones(DataType.FLOAT, 4, 10));
    }
}
