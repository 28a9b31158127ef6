package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.CriticalCallsMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Calls that keep their thread from safepoints are short, whatever the arrays' shapes. */
class CriticalCallsTest {
    /** Elements, or units of tiles that are drawn for one: some 2 milliseconds of the scalar tier. */
    private static final long MOST_WORK = 1 << 19;

    private static final long LAST_TILES = 2 * MaskContract.TILE;

    @Test
    void eachIsShort() throws IOException {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        String classes = NativeBuild.target().resolve("classes").toString();
        String tests = NativeBuild.target().resolve("test-classes").toString();
        Output output =
                NativeBuild.run(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classes + File.pathSeparator + tests,
                                CriticalCallsMain.class.getName(),
                                classes,
                                tests));
        assertEquals(0, output.exit(), output::text);
        Map<String, Long> work =
                output.text()
                        .lines()
                        .map(line -> line.split(" "))
                        .collect(Collectors.toMap(line -> line[0], line -> Long.valueOf(line[1])));
        Set<String> functions =
                Arrays.stream(Downcalls.class.getDeclaredClasses())
                        .map(Class::getSimpleName)
                        .collect(Collectors.toSet());
        assertEquals(functions, work.keySet());
        work.forEach(
                (function, most) ->
                        assertTrue(
                                most > 0 && most <= MOST_WORK + LAST_TILES,
                                function + " does " + most));
    }
}
