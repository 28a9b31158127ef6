package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.GuardedMemory;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.Oracle;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tensors of more than 2^31 elements and 2^32 bytes, beyond every 32-bit count. */
@Tag("long")
class HugeTensorTest {
    private static final long ROWS = 4099;
    private static final long RUN = (1 << 19) + 21;
    private static final long SIZE = ROWS * RUN;
    private static final PhiloxState STATE = new PhiloxState(12, 34);
    private static final short ONE = 0x3F80;
    private static final short TWO = 0x4000;

    /** Plain Java takes a minute for each; HugeRangeTest has its ranges beyond 2^31. */
    @BeforeEach
    void isNative() {
        assumeTrue(NativeBuild.required(), "this build has no native library");
    }

    @Test
    void elementsInPlace() throws IOException {
        try (GuardedMemory memory = reserve()) {
            Tensor x = Tensor.of(memory.last(SIZE * 2), DType.BFLOAT16, SIZE);
            fillWithOnes(x.segment());
            Dropout layer = new Dropout(0.5);
            layer.forward(x, x, STATE, 5);
            try (Arena arena = Arena.ofConfined()) {
                assertEquals(layer.mask(arena, x, STATE, 5).kept(), kept(x));
            }
            for (long from : new long[] {0, (1L << 30) - 600, (1L << 31) - 600, SIZE - 1200}) {
                for (long e = from; e < from + 1200; e++) {
                    short wanted = Oracle.keeps(0.5, 12, 34, 5 + e) ? TWO : 0;
                    assertEquals(wanted, bits(x, e), "element " + e);
                }
            }
        }
    }

    @Test
    void rowsInPlace() throws IOException {
        try (GuardedMemory memory = reserve()) {
            Tensor x = Tensor.of(memory.last(SIZE * 2), DType.BFLOAT16, ROWS, RUN);
            fillWithOnes(x.segment());
            new DropPath(0.5).forward(x, x, STATE, 5);
            long keptRows = 0;
            for (int row = 0; row < ROWS; row++) {
                boolean keeps = Oracle.keeps(0.5, 12, 34, 5 + row);
                keptRows += keeps ? 1 : 0;
                assertEquals(keeps ? TWO : 0, bits(x, row * RUN), "row " + row);
                assertEquals(keeps ? TWO : 0, bits(x, row * RUN + RUN - 1), "row " + row);
            }
            assertEquals(keptRows * RUN, kept(x));
        }
    }

    @Test
    void masks() {
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = Mask.allocate(arena, SIZE);
            Masks.draw(mask, 0.1, STATE, 0);
            double expected = 0.9 * SIZE;
            assertEquals(expected, mask.kept(), 6 * Math.sqrt(SIZE * 0.09));
            for (long i = SIZE - 1000; i < SIZE; i++) {
                assertEquals(Oracle.keeps(0.1, 12, 34, i), mask.keeps(i));
            }
        }
    }

    private static GuardedMemory reserve() throws IOException {
        long needed = SIZE * 2 + (1L << 30);
        long available = availableMemory();
        assumeTrue(
                available >= needed,
                () -> "needs " + needed + " bytes of memory, " + available + " are available");
        return new GuardedMemory(SIZE * 2);
    }

    private static short bits(Tensor tensor, long element) {
        return tensor.segment().get(ValueLayout.JAVA_SHORT_UNALIGNED, element * 2);
    }

    /** Counts twos, each a single bit that is set, four at a time. */
    private static long kept(Tensor y) {
        long kept = 0;
        long fours = y.size() / 4;
        for (long i = 0; i < fours; i++) {
            kept += Long.bitCount(y.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, i * 8));
        }
        for (long e = fours * 4; e < y.size(); e++) {
            kept += y.get(e) == 2 ? 1 : 0;
        }
        return kept;
    }

    private static void fillWithOnes(MemorySegment segment) {
        long chunk = 1 << 20;
        MemorySegment ones = Arena.ofAuto().allocate(chunk);
        for (long i = 0; i < chunk; i += 2) {
            ones.set(ValueLayout.JAVA_SHORT_UNALIGNED, i, ONE);
        }
        for (long at = 0; at < segment.byteSize(); at += chunk) {
            long bytes = Math.min(chunk, segment.byteSize() - at);
            MemorySegment.copy(ones, 0, segment, at, bytes);
        }
    }

    private static long availableMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new AssertionError("no MemAvailable in /proc/meminfo");
    }
}
