package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Expected;
import io.github.dropfuse.testing.GuardedMemory;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No kernel touches a byte outside of its buffers, nor reads what it drops whole. */
@Tag("long")
class GuardPagesTest {
    private static final int[] SIZES = {
        1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 255, 257, 511, 512, 513, 1023,
        1025, 4095, 4097, 16383
    };
    private static final PhiloxState STATE = new PhiloxState(77, 3);
    private static final double P = 0.3;

    /** Flush with the guard after the buffer, and with the one before it. */
    private static final List<BiFunction<GuardedMemory, Long, MemorySegment>> ENDS =
            List.of(GuardedMemory::last, GuardedMemory::first);

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void elementsAndRows(Backend backend, DType dtype) {
        Execution execution = Execution.automatic().on(backend).sequential();
        long room = 16383L * dtype.byteSize();
        try (GuardedMemory in = new GuardedMemory(room);
                GuardedMemory out = new GuardedMemory(room);
                GuardedMemory bits = new GuardedMemory(16383 / 8 + 2)) {
            for (int size : SIZES) {
                for (int run : new int[] {1, 3, 64}) {
                    check(execution, dtype, size / run, run, in, out, bits);
                }
            }
        }
    }

    private static void check(
            Execution execution,
            DType dtype,
            int rows,
            int run,
            GuardedMemory in,
            GuardedMemory out,
            GuardedMemory bits) {
        Layer layer =
                run == 1 ? new Dropout(P).with(execution) : new DropPath(P).with(execution);
        long bytes = (long) rows * run * dtype.byteSize();
        MemorySegment values = MemorySegment.ofArray(new byte[(int) bytes]);
        Patterns.fill(dtype, values, rows);
        for (int start : new int[] {0, 5}) {
            byte[] wanted = Oracle.mask(P, 77, 3, start, rows);
            MemorySegment expected = Expected.drop(dtype, values, run, wanted, Oracle.scale(P));
            byte[] whole = Oracle.mask(P, 77, 3, 0, start + rows);
            for (var end : ENDS) {
                String what = layer + " of " + rows + "x" + run + " from " + start;
                Tensor x = Tensor.of(end.apply(in, bytes), dtype, rows, run);
                Tensor y = Tensor.of(end.apply(out, bytes), dtype, rows, run);
                x.segment().copyFrom(values);
                layer.forward(x, y, STATE, start);
                Patterns.assertEqual(dtype, expected, y.segment(), what);

                Mask mask = Mask.of(end.apply(bits, (long) whole.length), start + rows);
                Masks.draw(mask, P, STATE, 0, execution);
                assertTrue(MemorySegment.ofArray(whole).mismatch(mask.segment()) == -1, what);
                y.segment().fill((byte) 1);
                layer.forward(x, y, mask, start);
                Patterns.assertEqual(dtype, expected, y.segment(), what + " by a stored mask");

                layer.forward(x, x, STATE, start);
                Patterns.assertEqual(dtype, expected, x.segment(), what + " in place");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void droppedRowsAreNotRead(Backend backend, DType dtype) {
        Execution execution = Execution.automatic().on(backend).sequential();
        int rows = 40;
        long page = GuardedMemory.pageSize();
        int run = (int) page / dtype.byteSize();
        DropPath layer = new DropPath(0.5).with(execution);
        byte[] kept = Oracle.mask(0.5, 77, 3, 0, rows);
        try (GuardedMemory in = new GuardedMemory(rows * page);
                GuardedMemory out = new GuardedMemory(rows * page)) {
            MemorySegment memory = in.first(rows * page);
            Patterns.fill(dtype, memory, 1);
            MemorySegment expected = Expected.drop(dtype, memory, run, kept, 2.0);
            int dropped = 0;
            for (int row = 0; row < rows; row++) {
                if ((kept[row / 8] >> row % 8 & 1) == 0) {
                    GuardedMemory.forbid(memory.asSlice(row * page, page));
                    dropped++;
                }
            }
            assertTrue(dropped > 10 && dropped < 30);
            Tensor x = Tensor.of(memory, dtype, rows, run);
            Tensor y = Tensor.of(out.first(rows * page), dtype, rows, run);
            layer.forward(x, y, STATE);
            Patterns.assertEqual(dtype, expected, y.segment(), "drawn");
            y.segment().fill((byte) 1);
            layer.forward(x, y, Mask.of(MemorySegment.ofArray(kept), rows));
            Patterns.assertEqual(dtype, expected, y.segment(), "stored");
            y.segment().fill((byte) 1);
            layer.with(execution.over(Runnable::run, 1)).forward(x, y, STATE);
            Patterns.assertEqual(dtype, expected, y.segment(), "split");
        }
    }
}
