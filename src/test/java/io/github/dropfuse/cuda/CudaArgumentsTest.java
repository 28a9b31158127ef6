package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.ffi.dropfuse_place;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What C checks by itself, for other languages: before a device is asked for anything. */
@CudaTest
class CudaArgumentsTest {
    private static final MemorySegment NONE = MemorySegment.NULL;
    private static final MemorySegment PLACE = place();
    private static final MemorySegment SOME = MemorySegment.ofAddress(1 << 20);
    private static final MemorySegment MORE = MemorySegment.ofAddress(1 << 21);

    private static MemorySegment place() {
        MemorySegment place = dropfuse_place.allocate(Arena.ofAuto());
        dropfuse_place.tier(place, dropfuse_h.DROPFUSE_CUDA());
        return place;
    }

    private static void refused(String text, int status) {
        assertEquals(dropfuse_h.DROPFUSE_INVALID_ARGUMENT(), status);
        assertEquals(text, dropfuse_h.dropfuse_last_error().getString(0));
    }

    private static int normal(
            int dtype, MemorySegment x, long count, long offset, int form, double sigma) {
        return dropfuse_h.dropfuse_normal(
                PLACE, dtype, x, MORE, 0, count, 1, 1, 1, offset, 0, form, sigma);
    }

    @Test
    void normal() {
        refused("dtype = 4 is not in [0, 3]", normal(4, SOME, 1, 0, 0, 1));
        refused("count = -1 is not in [0, 2^63)", normal(0, SOME, -1, 0, 0, 1));
        refused(
                "offset = 9223372036854775808 is not in [0, 2^63)",
                normal(0, SOME, 1, Long.MIN_VALUE, 0, 1));
        refused("form = 2 is not in [0, 1]", normal(0, SOME, 1, 0, 2, 1));
        refused("sigma = nan is not in [0, infinity)", normal(0, SOME, 1, 0, 0, Double.NaN));
        refused("x = NULL is allowed only when count = 0, not 1", normal(0, NONE, 1, 0, 0, 1));
        refused(
                "y = x + 4 bytes overlaps x: y must be exactly x, or at least 8 bytes away",
                dropfuse_h.dropfuse_normal(
                        PLACE, 0, SOME, MemorySegment.ofAddress(SOME.address() + 4), 0, 2, 1, 1, 1,
                        0, 0, 0, 1));
        assertEquals(0, normal(0, NONE, 0, 0, 0, 1));
    }

    private static int product(MemorySegment x, MemorySegment mask, long count, long run) {
        return dropfuse_h.dropfuse_product(
                PLACE, 0, x, MORE, 0, count, run, 1, 1, 1, mask, 0, 1, 1);
    }

    @Test
    void product() {
        refused("run = 0 is not in [1, 2^63)", product(SOME, SOME, 1, 0));
        refused("mask = NULL is allowed only when count = 0, not 1", product(SOME, NONE, 1, 1));
        refused("x = NULL is allowed only when count = 0, not 1", product(NONE, SOME, 1, 1));
        refused(
                "mask overlaps y: its bytes 0 to 0 must be apart from the output",
                product(SOME, MORE, 1, 1));
        assertEquals(0, product(NONE, NONE, 0, 1));
    }

    private static int rows(
            int operation, MemorySegment x, MemorySegment indices, long rows, long length) {
        return dropfuse_h.dropfuse_rows(
                PLACE, 0, operation, x, MORE, indices, rows, length, 1);
    }

    @Test
    void rows() {
        refused("operation = 3 is not in [0, 2]", rows(3, SOME, SOME, 1, 1));
        refused("rows = -1 is not in [0, 2^60)", rows(0, SOME, SOME, -1, 1));
        refused(
                "rows = 1152921504606846976 is not in [0, 2^60)",
                rows(0, SOME, SOME, 1L << 60, 1));
        refused("length = 0 is not in [1, 2^63)", rows(0, SOME, SOME, 1, 0));
        refused(
                "rows * length = 576460752303423488 * 4 is not in [0, 2305843009213693951], the"
                        + " elements that memory can hold",
                rows(0, SOME, SOME, 1L << 59, 4));
        refused("indices = NULL is allowed only when rows = 0, not 1", rows(0, SOME, NONE, 1, 1));
        refused(
                "indices is not at a multiple of 8 bytes",
                rows(0, SOME, MemorySegment.ofAddress(SOME.address() + 4), 1, 1));
        refused("x = NULL is allowed only when rows = 0, not 1", rows(0, NONE, SOME, 1, 1));
        assertEquals(0, rows(0, NONE, NONE, 0, 1));
    }

    private static MemorySegment before(MemorySegment memory, long bytes) {
        return MemorySegment.ofAddress(memory.address() - bytes);
    }

    /** The dense tensor has all of its rows; the larger one has at least a first row. */
    @Test
    void rowsOverlap() {
        for (int operation = 0; operation < 3; operation++) {
            int rows = operation == 0 ? 1 : 3;
            String apart = " bytes must be apart from the output";
            refused("x overlaps y: its " + rows * 40 + apart, rows(operation, MORE, SOME, 3, 10));
            refused(
                    "x overlaps y: its " + rows * 40 + apart,
                    rows(operation, before(MORE, rows * 40 - 4), SOME, 3, 10));
            refused("indices overlaps y: its 24" + apart, rows(operation, SOME, MORE, 3, 10));
            refused(
                    "indices overlaps y: its 24" + apart,
                    rows(operation, SOME, before(MORE, 16), 3, 10));
        }
        refused(
                "indices overlaps y: its 24 bytes must be apart from the output",
                rows(0, SOME, before(MORE, -112), 3, 10));
    }

    private static int blocks(
            MemorySegment centres, long images, int dimensions, long height, long side) {
        return dropfuse_h.dropfuse_blocks(
                PLACE, centres, MORE, 0, images, dimensions, 5, height, 7, side, 1);
    }

    @Test
    void blocks() {
        refused("dimensions = 4 is not in [2, 3]", blocks(SOME, 1, 4, 6, 2));
        refused("images = -1 is not in [0, 2^63)", blocks(SOME, -1, 2, 6, 2));
        refused("side = 0 is not in [1, 2^63)", blocks(SOME, 1, 2, 6, 0));
        refused("height = 1 is not in [2, 2^63), from side on", blocks(SOME, 1, 2, 1, 2));
        refused("depth = 5 is not in [6, 2^63), from side on", blocks(SOME, 1, 3, 6, 6));
        refused(
                "images have 2^63 positions and more; allowed are fewer",
                blocks(SOME, 1L << 40, 2, 1L << 40, 2));
        refused(
                "centres is not at a multiple of 8 bytes",
                blocks(MemorySegment.ofAddress(SOME.address() + 1), 1, 2, 6, 2));
        refused(
                "centres = NULL is allowed only when images = 0, not 1", blocks(NONE, 1, 2, 6, 2));
        assertEquals(0, blocks(NONE, 0, 2, 6, 2));
    }

    /** Of 3 images of 6 x 7 the 90 centres are two words, of one of 5 x 6 x 7 the 24 are one. */
    @Test
    void blocksOverlap() {
        refused(
                "centres overlaps mask: its 16 bytes must be apart from the output",
                blocks(before(MORE, 8), 3, 2, 6, 2));
        refused(
                "centres overlaps mask: its 16 bytes must be apart from the output",
                blocks(before(MORE, -8), 3, 2, 6, 2));
        refused(
                "centres overlaps mask: its 8 bytes must be apart from the output",
                blocks(before(MORE, -24), 1, 3, 6, 4));
    }
}
