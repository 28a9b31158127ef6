package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.NativeKernels;
import io.github.dropfuse.kernel.Range;
import io.github.dropfuse.kernel.RowMove;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Memory, streams and events live as long as their arenas say and no longer. */
@CudaTest
class CudaLifetimesTest {
    private static final PhiloxState STATE = new PhiloxState(1, 2);
    private final Dropout layer = new Dropout(0.5);
    private final CudaDevice device = Device.first();

    @Test
    void closedArena() {
        Tensor x;
        Tensor pinned;
        try (Arena arena = Arena.ofConfined()) {
            x = device.allocate(arena, DType.FLOAT32, 100);
            pinned = device.allocatePinned(arena, DType.FLOAT32, 100);
        }
        assertThrows(IllegalStateException.class, () -> layer.forward(x, x, STATE));
        assertThrows(IllegalStateException.class, () -> x.copyTo(Tensor.of(new float[100], 100)));
        assertThrows(IllegalStateException.class, () -> pinned.get(0));
        assertTrue(x.toString().endsWith("memory of cuda:0, closed]"), x::toString);
    }

    /** A call that moves rows holds both tensors. */
    @Test
    void rowsOfAClosedArena() {
        NativeKernels kernels = NativeKernels.onDevice(0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment indices = device.allocate(arena, DType.FLOAT64, 2).address();
            Tensor open = device.allocate(arena, DType.FLOAT32, 2, 8);
            Tensor closed;
            try (Arena inner = Arena.ofConfined()) {
                closed = device.allocate(inner, DType.FLOAT32, 2, 8);
            }
            for (RowMove move : RowMove.values()) {
                for (long first = 0; first < 2; first++) {
                    Range row = new Range(first, 1);
                    assertThrows(
                            IllegalStateException.class,
                            () -> kernels.rows(move, 1, indices, open, closed, row));
                    assertThrows(
                            IllegalStateException.class,
                            () -> kernels.rows(move, 1, indices, closed, open, row));
                }
            }
        }
    }

    @Test
    void allocatingForAClosedArena() {
        Arena arena = Arena.ofConfined();
        arena.close();
        assertThrows(
                IllegalStateException.class, () -> device.allocate(arena, DType.FLOAT32, 1));
        assertThrows(
                IllegalStateException.class, () -> device.allocatePinned(arena, DType.FLOAT32, 1));
    }

    @Test
    void confinedToItsThread() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, DType.FLOAT32, 100);
            CompletableFuture<Void> other =
                    CompletableFuture.runAsync(() -> layer.forward(x, x, STATE));
            CompletionException e = assertThrows(CompletionException.class, other::join);
            assertEquals(WrongThreadException.class, e.getCause().getClass());
        }
    }

    @Test
    void sharedAndAutomatic() {
        Tensor values = Device.values(DType.FLOAT32, 3, 500);
        try (Arena arena = Arena.ofShared()) {
            Tensor x = Device.upload(arena, values);
            CompletableFuture.runAsync(() -> layer.forward(x, x, STATE)).join();
            Tensor y = Device.upload(Arena.ofAuto(), values);
            layer.forward(y, y, STATE);
            assertEquals(-1, Device.download(x).mismatch(Device.download(y)));
        }
    }

    /** Closing waits for the work. */
    @Test
    void closedWhileAStreamUsesIt() {
        try (CudaStream stream = device.createStream()) {
            Dropout onStream = layer.with(Execution.automatic().on(stream));
            for (int i = 0; i < 20; i++) {
                try (Arena arena = Arena.ofConfined()) {
                    Tensor x = device.allocate(arena, DType.FLOAT32, 100_000);
                    onStream.forward(x, x, STATE);
                    onStream.forward(x, x, STATE);
                }
            }
            stream.synchronize();
        }
    }

    @Test
    void closingTwice() {
        CudaStream stream = device.createStream();
        CudaEvent event = device.createEvent();
        event.record(stream);
        stream.close();
        stream.close();
        assertThrows(IllegalStateException.class, stream::synchronize);
        assertThrows(IllegalStateException.class, () -> event.record(stream));
        event.close();
        event.close();
        assertThrows(IllegalStateException.class, event::isDone);
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, DType.FLOAT32, 1);
            assertThrows(
                    IllegalStateException.class,
                    () -> layer.with(Execution.automatic().on(stream)).forward(x, x, STATE));
            layer.forward(x, x, STATE);
        }
    }

    /** A call without elements asks no kernel, and is refused like any other. */
    @Test
    void emptyTensorsOfAClosedStreamOrArena() {
        CudaStream stream = device.createStream();
        Dropout onStream = layer.with(Execution.automatic().on(stream));
        Tensor closed;
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, DType.FLOAT32, 0);
            closed = x;
            onStream.forward(x, x, STATE);
            onStream.mask(arena, x, STATE);
            stream.copy(x, device.allocate(arena, DType.FLOAT32, 0));
            stream.close();
            Tensor y = device.allocate(arena, DType.FLOAT32, 0);
            assertThrows(IllegalStateException.class, () -> onStream.forward(x, x, STATE));
            assertThrows(IllegalStateException.class, () -> onStream.infer(x, y));
            assertThrows(IllegalStateException.class, () -> onStream.mask(arena, x, STATE));
            assertThrows(IllegalStateException.class, () -> stream.copy(x, y));
        }
        Tensor host = Tensor.of(new float[0], 0);
        assertThrows(IllegalStateException.class, () -> closed.copyTo(host));
        assertThrows(IllegalStateException.class, () -> closed.copyFrom(host));
    }

    @Test
    void emptyTensors() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, DType.FLOAT16, 0, 3);
            Tensor pinned = device.allocatePinned(arena, DType.FLOAT16, 0, 3);
            layer.forward(x, x, STATE);
            x.copyTo(pinned);
            x.copyFrom(pinned);
            layer.infer(x, x);
            assertEquals(0, x.size());
        }
    }

    /** Another library's stream is used in its order, and is still the library's afterwards. */
    @Test
    void aForeignStream() {
        Tensor values = Device.values(DType.FLOAT32, 3, 500);
        Tensor wanted = Device.values(DType.FLOAT32, 1, 500);
        layer.forward(values, wanted, STATE);
        try (Arena arena = Arena.ofConfined();
                CudaStream owner = device.createStream()) {
            for (long handle : new long[] {owner.handle().address(), 0}) {
                CudaStream view = device.stream(handle);
                assertEquals(device, view.device());
                assertEquals(handle, view.handle().address());
                Tensor x = Device.upload(arena, values);
                layer.with(Execution.automatic().on(view)).forward(x, x, STATE);
                view.synchronize();
                view.close();
                Patterns.assertEqual(
                        DType.FLOAT32, wanted.segment(), Device.download(x), "stream " + handle);
            }
            owner.synchronize();
            assertTrue(owner.isDone());
        }
    }

    @Test
    void streamsAndEvents() {
        Tensor values = Device.values(DType.FLOAT32, 3, 50_000);
        Tensor wanted = Device.values(DType.FLOAT32, 1, 50_000);
        layer.forward(values, wanted, STATE);
        try (Arena arena = Arena.ofConfined();
                CudaStream one = device.createStream();
                CudaStream two = device.createStream();
                CudaEvent begin = device.createEvent();
                CudaEvent end = device.createEvent()) {
            Tensor in = device.allocatePinned(arena, DType.FLOAT32, 50_000);
            Tensor out = device.allocatePinned(arena, DType.FLOAT32, 50_000);
            Tensor x = device.allocate(arena, DType.FLOAT32, 50_000);
            in.copyFrom(values);
            begin.record(one);
            one.copy(in, x);
            layer.with(Execution.automatic().on(one)).forward(x, x, STATE);
            end.record(one);
            two.await(end);
            two.copy(x, out);
            two.synchronize();
            Patterns.assertEqual(DType.FLOAT32, wanted.segment(), out.segment(), "two streams");
            assertTrue(one.isDone() && two.isDone() && end.isDone());
            assertTrue(end.millisecondsSince(begin) >= 0);
            assertFalse(one.handle().equals(two.handle()));
        }
    }
}
