package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.testing.MaskVectors;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class Sha256Test {
    @Test
    void takesInMemoryLargerThanItsBuffer() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate((1L << 26) + 5);
            bytes.set(ValueLayout.JAVA_BYTE, 7, (byte) 1);
            bytes.set(ValueLayout.JAVA_BYTE, bytes.byteSize() - 2, (byte) 2);
            PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
            Progress progress = new Progress(nowhere, false, () -> 0, "digest", bytes.byteSize());
            Sha256 digest = new Sha256();
            digest.update(bytes, progress);
            assertEquals(MaskVectors.sha256(bytes), digest.hex());
        }
    }
}
