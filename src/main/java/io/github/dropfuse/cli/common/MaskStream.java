package io.github.dropfuse.cli.common;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/** Draws masks of any length through a buffer of fixed size. */
public final class MaskStream {
    private static final long CHUNK_UNITS = 1L << 25;

    private MaskStream() {}

    /** Takes packed bits as they come. */
    public interface Sink {
        void accept(ByteBuffer packed) throws IOException;
    }

    /** Draws the mask of units [start, start + count), shows it to a sink, and counts the kept. */
    public static long draw(
            double p,
            PhiloxState state,
            long start,
            long count,
            Execution execution,
            Progress progress,
            Sink sink)
            throws IOException {
        long kept = 0;
        try (Arena arena = Arena.ofShared()) {
            Mask buffer = Mask.allocate(arena, Math.min(CHUNK_UNITS, count));
            for (long from = 0; from < count; from += CHUNK_UNITS) {
                long units = Math.min(CHUNK_UNITS, count - from);
                Mask mask =
                        Mask.of(buffer.segment().asSlice(0, (units + 7) / 8), units);
                Masks.draw(mask, p, state, start + from, execution);
                kept += mask.kept();
                sink.accept(mask.segment().asByteBuffer());
                progress.add(units);
            }
        }
        return kept;
    }

    /** Counts the kept units of [start, start + count). */
    public static long kept(
            double p,
            PhiloxState state,
            long start,
            long count,
            Execution execution,
            Progress progress)
            throws IOException {
        return draw(p, state, start, count, execution, progress, packed -> {});
    }
}
