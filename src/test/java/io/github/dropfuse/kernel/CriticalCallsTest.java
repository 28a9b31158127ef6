package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.testing.CriticalCallsMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that keep their thread from safepoints are short, whatever the arrays' shapes. */
class CriticalCallsTest {
    /** Elements, or units of tiles that are drawn for one: some 2 milliseconds of the scalar tier. */
    private static final long MOST_WORK = 1 << 19;

    private static final long LAST_TILES = 2 * MaskContract.TILE;

    @Test
    @Tag("long")
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

    /** Where blocks lie apart, a call draws tiles for few elements each. */
    @Test
    void aShortCallHasSoManyElements() {
        assertEquals(1 << 16, NativeKernels.shortCall(Layout.ELEMENTS));
        assertEquals(1 << 16, NativeKernels.shortCall(new Layout(3, 7, 5, 7, 0)));
        assertEquals(128, NativeKernels.shortCall(new Layout(1, 1, 1, 1_000_000, 0)));
        assertEquals(128 * 2 * 3 * 5, NativeKernels.shortCall(new Layout(2, 3, 5, 1000, 0)));
        assertEquals(128 * 8 * 3, NativeKernels.shortCall(new Layout(1, 3, 1, 64, 0)));
        assertEquals(128 * 511, NativeKernels.shortCall(new Layout(511, 1, 1, 1000, 0)));
        assertEquals(1 << 16, NativeKernels.shortCall(new Layout(1L << 40, 1, 1, 1000, 0)));
        assertEquals(1 << 16, NativeKernels.shortCall(new Layout(1L << 40, 1, 1L << 40, 99, 0)));
        assertEquals(1 << 16, NativeKernels.shortCall(new Layout(1, 1L << 40, 1, 1L << 41, 0)));
    }

    /** Each of five operands in turn is what memory may be. */
    @Test
    void callsAreCriticalByTheirLengthAndByTheirMemory(@TempDir Path folder) throws IOException {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        assertTrue(NativeLibrary.get().source().isPresent());
        NativeKernels kernels = NativeKernels.of(dropfuse_h.DROPFUSE_TIER_SCALAR());
        Path file = Files.write(folder.resolve("file"), new byte[8]);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment heap = MemorySegment.ofArray(new byte[8]);
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 8, arena);
            for (int i = 0; i < 5; i++) {
                assertTrue(critical(kernels, 100, i, arena.allocate(8)));
                assertFalse(critical(kernels, 101, i, arena.allocate(8)));
                assertTrue(critical(kernels, 100, i, heap));
                assertTrue(critical(kernels, 101, i, heap));
                assertFalse(critical(kernels, 100, i, mapped));
                assertFalse(critical(kernels, 101, i, mapped));
            }
        }
    }

    /** Of so many elements, where 100 are the most that are short. */
    private static boolean critical(
            NativeKernels kernels, long count, int operand, MemorySegment memory) {
        MemorySegment[] operands = new MemorySegment[5];
        Arrays.fill(operands, MemorySegment.NULL);
        operands[operand] = memory;
        return kernels.critical(
                count, 100, operands[0], operands[1], operands[2], operands[3], operands[4]);
    }
}
