package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Zoneout;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tensors in the wrong memory are refused in words, and device memory is out of the host's reach. */
@CudaTest
class CudaPlacementTest {
    private static final PhiloxState STATE = new PhiloxState(1, 2);
    private final Dropout layer = new Dropout(0.5);
    private final CudaDevice device = Device.first();

    static void refused(String text, Executable call) {
        assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void mixedMemory() {
        String sm = Backends.require("cuda").toString();
        try (Arena arena = Arena.ofConfined()) {
            Tensor far = device.allocate(arena, DType.FLOAT32, 8);
            Tensor near = Tensor.allocate(arena, DType.FLOAT32, 8);
            Mask mask = Mask.allocate(arena, 8);
            String allowed = " cannot access; allowed is the device's or pinned memory";
            refused(
                    "x is in host memory, which " + sm + allowed,
                    () -> layer.forward(near, far, STATE));
            refused(
                    "dx is in host memory, which " + sm + allowed,
                    () -> onDevice().backward(far, near, STATE));
            refused(
                    "mask is in host memory, which " + sm + allowed,
                    () -> layer.forward(far, far, mask));
            refused(
                    "mask is in host memory, which " + sm + allowed,
                    () -> Masks.draw(mask, 0.5, STATE, 0, onDevice().execution()));
            refused(
                    "y is in host memory, which " + sm + allowed,
                    () -> layer.forward(far, near, STATE));
            refused(
                    "x is in memory of cuda:0, which reference/java cannot access; allowed is host"
                            + " memory",
                    () -> onReference().forward(far, far, STATE));
        }
    }

    private Dropout onDevice() {
        return layer.with(Execution.automatic().on(Backends.require("cuda:0")));
    }

    private Dropout onReference() {
        return layer.with(Execution.automatic().on(Backends.reference()));
    }

    @Test
    void hostCannotAccessDeviceMemory() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, DType.FLOAT32, 4, 2);
            Mask mask = device.allocateMask(arena, 8);
            for (Executable access :
                    List.<Executable>of(
                            x::segment,
                            () -> x.get(0),
                            () -> x.set(0, 1),
                            mask::segment,
                            mask::kept,
                            () -> mask.keeps(0),
                            () -> mask.set(0, true))) {
                assertThrows(UnsupportedOperationException.class, access);
            }
            MemorySegment address = x.slice(1, 3).address();
            assertEquals(x.address().address() + 8, address.address());
            assertThrows(
                    IndexOutOfBoundsException.class, () -> address.get(ValueLayout.JAVA_BYTE, 0));
            assertEquals("Tensor[float32 [4, 2], memory of cuda:0]", x.toString());
            assertEquals("Mask[8 units, memory of cuda:0]", mask.toString());
            assertNotEquals(Location.HOST, x.location());
            assertEquals(device.location(), x.reshape(8).location());
        }
    }

    @Test
    void badCopies() {
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = device.createStream()) {
            Tensor far = device.allocate(arena, DType.FLOAT32, 8);
            Tensor heap = Tensor.of(new float[8], 8);
            refused(
                    "target is float32 [4], allowed is the source's float32 [8]",
                    () -> far.copyTo(Tensor.of(new float[4], 4)));
            refused(
                    "target is read-only, it has to be writable",
                    () -> far.copyTo(Tensor.of(heap.segment().asReadOnly(), DType.FLOAT32, 8)));
            refused(
                    "target is a heap array, a copy on a stream needs memory off the heap",
                    () -> stream.copy(far, heap));
            refused(
                    "source is a heap array, a copy on a stream needs memory off the heap",
                    () -> stream.copy(heap, far));
        }
    }

    @Test
    void partialOverlap() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, DType.FLOAT32, 100);
            refused(
                    "y overlaps x in part; allowed are the same memory and memory apart",
                    () -> layer.forward(x.slice(0, 60), x.slice(40, 100), STATE));
            layer.forward(x.slice(0, 50), x.slice(50, 100), STATE);
        }
    }

    @Test
    void devicesByNumber() {
        int count = Cuda.devices().size();
        refused(
                "device is " + count + ", allowed are 0 to " + (count - 1),
                () -> Cuda.device(count));
        assertThrows(IllegalArgumentException.class, () -> Cuda.device(-1));
        assertThrows(IllegalArgumentException.class, () -> Backends.require("cuda:" + count));
        assertTrue(Backends.describe().contains("device:    " + device), Backends::describe);
        assertTrue(Cuda.driverVersion() >= 12000);
        assertTrue(device.memory() > 0 && device.multiprocessors() > 0);
    }

    @Test
    void pinnedMemoryOnBothSides() {
        Tensor values = Device.values(DType.FLOAT32, 5, 3000);
        Tensor wanted = Device.values(DType.FLOAT32, 1, 3000);
        layer.forward(values, wanted, STATE);
        try (Arena arena = Arena.ofConfined()) {
            Tensor pinned = device.allocatePinned(arena, DType.FLOAT32, 3000);
            pinned.copyFrom(values);
            layer.forward(pinned, pinned, STATE);
            Patterns.assertEqual(DType.FLOAT32, wanted.segment(), pinned.segment(), "pinned");
            pinned.copyFrom(values);
            onDevice().forward(pinned, pinned, STATE);
            device.synchronize();
            Patterns.assertEqual(DType.FLOAT32, wanted.segment(), pinned.segment(), "pinned");
            Tensor far = Device.upload(arena, values);
            pinned.copyFrom(values);
            layer.forward(pinned, far, STATE);
            Patterns.assertEqual(DType.FLOAT32, wanted.segment(), Device.download(far), "far");
            far.copyFrom(values);
            layer.forward(far, pinned, STATE);
            device.synchronize();
            Patterns.assertEqual(DType.FLOAT32, wanted.segment(), pinned.segment(), "pinned");
        }
    }

    @Test
    void valuesComeToTheHost() {
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                Tensor values = Device.values(dtype, 7, 5, 9);
                Tensor far = Device.upload(arena, values);
                assertArrayEquals(values.toFloatArray(), far.toFloatArray(), dtype.toString());
            }
            Tensor far = device.allocate(arena, DType.FLOAT32, 2);
            Tensor wide = Tensor.of(new double[2], 2);
            assertThrows(UnsupportedOperationException.class, () -> far.convertTo(wide));
            assertThrows(UnsupportedOperationException.class, () -> wide.convertTo(far));
            assertThrows(UnsupportedOperationException.class, () -> far.fill(1));
        }
    }

    /** Layers with a second input compute where the first one or the output is, too. */
    @Test
    void pinnedOutputs() {
        Tensor values = Device.values(DType.FLOAT32, 5, 30, 100);
        Tensor added = Device.values(DType.FLOAT32, 6, 30, 100);
        try (Arena arena = Arena.ofConfined()) {
            Tensor far = Device.upload(arena, values);
            Tensor pinned = device.allocatePinned(arena, DType.FLOAT32, 30, 100);
            Tensor wanted = Tensor.allocate(arena, DType.FLOAT32, 30, 100);
            DropPathAdd residual = new DropPathAdd(new DropPath(0.5));
            wanted.copyFrom(added);
            residual.forward(values, wanted, STATE);
            pinned.copyFrom(added);
            residual.forward(far, pinned, STATE);
            device.synchronize();
            Patterns.assertEqual(DType.FLOAT32, wanted.segment(), pinned.segment(), "residual");
            Zoneout zoneout = new Zoneout(0.5);
            wanted.copyFrom(added);
            zoneout.forward(values, wanted, STATE);
            pinned.copyFrom(added);
            zoneout.forward(far, pinned, STATE);
            device.synchronize();
            Patterns.assertEqual(DType.FLOAT32, wanted.segment(), pinned.segment(), "zoneout");
            Tensor sums = Tensor.allocate(arena, DType.FLOAT32, 100);
            residual.gammaGradient(values, added, sums, STATE);
            Tensor pinnedSums = device.allocatePinned(arena, DType.FLOAT32, 100);
            residual.gammaGradient(far, Device.upload(arena, added), pinnedSums, STATE);
            device.synchronize();
            Patterns.assertEqual(DType.FLOAT32, sums.segment(), pinnedSums.segment(), "gradient");
        }
    }
}
