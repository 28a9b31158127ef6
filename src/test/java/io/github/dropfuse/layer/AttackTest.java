package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.testing.AttackMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a caller may do ends in an exception of the caller's, and not the process. */
@Tag("long")
class AttackTest {
    @Test
    void aStackThatEnds() throws IOException {
        assertSurvives("ended:     true\n", "stack", "-Xint", "-Xss512k");
    }

    @Test
    void anExecutorThatClosesAnArena() throws IOException {
        assertSurvives("", "executor");
    }

    @Test
    void anArenaThatClosesAnother() throws IOException {
        assertSurvives("", "mask");
    }

    @Test
    void anotherThreadThatClosesAnArena() throws IOException {
        assertSurvives("", "shared");
    }

    @Test
    void anotherThreadThatChangesIndices() throws IOException {
        assertSurvives("changing:  true\n", "indices");
    }

    @Test
    void anArenaThatGivesOtherMemory() throws IOException {
        assertSurvives("zeros:     true\nnone kept: true\n", "arena");
    }

    private static void assertSurvives(String said, String attack, String... options)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-Xmx256m", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(Arrays.asList(options));
        if (!NativeBuild.required()) {
            command.add("-Ddropfuse.backend=reference");
        }
        command.add("-cp");
        command.add(
                NativeBuild.target().resolve("classes") + File.pathSeparator
                        + NativeBuild.target().resolve("test-classes"));
        command.addAll(List.of(AttackMain.class.getName(), attack));
        Output output = NativeBuild.run(command);
        assertEquals(said + "survived\n", output.text());
        assertEquals(0, output.exit());
    }
}
