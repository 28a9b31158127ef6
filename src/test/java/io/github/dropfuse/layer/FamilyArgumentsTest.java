package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the forms beside Dropout refuse, in what words, with nothing written. */
class FamilyArgumentsTest {
    private static final PhiloxState STATE = new PhiloxState(1, 2);

    private final DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(0.5));
    private final DropPathAdd dropPathAdd = new DropPathAdd(new DropPath(0.5));
    private Arena arena;
    private MemorySegment memory;
    private byte[] before;
    private Tensor x;
    private Tensor residual;
    private Tensor out;
    private Tensor vector;

    @BeforeEach
    void allocate() {
        arena = Arena.ofConfined();
        memory = arena.allocate(1000, 8);
        memory.fill((byte) 0x3F);
        before = memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        x = part(0, 3, 4);
        residual = part(100, 3, 4);
        out = part(200, 3, 4);
        vector = part(300, 4);
    }

    @AfterEach
    void nothingIsWritten() {
        assertEquals(-1, MemorySegment.ofArray(before).mismatch(memory));
        arena.close();
    }

    private Tensor part(long byteOffset, long... shape) {
        return Tensor.of(bytes(byteOffset, shape), DType.FLOAT32, shape);
    }

    private Tensor readOnly(long... shape) {
        return Tensor.of(bytes(400, shape).asReadOnly(), DType.FLOAT32, shape);
    }

    private MemorySegment bytes(long byteOffset, long... shape) {
        long size = 4;
        for (long extent : shape) {
            size *= extent;
        }
        return memory.asSlice(byteOffset, size);
    }

    @Test
    void vectorsOfTheWrongShape() {
        refuses("bias has shape [5], allowed is [4], the last extent of x",
                () -> dropoutAdd.forward(x, part(300, 5), residual, out, STATE));
        refuses("bias has shape [1, 4], allowed is [4]",
                () -> dropoutAdd.infer(x, part(300, 1, 4), residual, out));
        refuses("gamma has shape [3], allowed is [4], the last extent of x",
                () -> dropPathAdd.forward(x, part(300, 3), residual, out, STATE));
        refuses("gamma has shape [3], allowed is [4], the last extent of dy",
                () -> dropPathAdd.backward(x, part(300, 3), out, STATE));
        refuses("dbias has shape [3], allowed is [4], the last extent of dy",
                () -> dropoutAdd.biasGradient(x, part(300, 3), STATE));
        refuses("dgamma has shape [4, 1], allowed is [4]",
                () -> dropPathAdd.gammaGradient(x, residual, part(300, 4, 1), STATE));
    }

    @Test
    void scalarsWithAVector() {
        Tensor scalar = part(0);
        refuses("x has rank 0, with bias allowed are 1 and more",
                () -> dropoutAdd.forward(scalar, part(300, 1), part(100), part(200), STATE));
        refuses("x has rank 0",
                () -> dropPathAdd.forward(scalar, null, part(100), part(200), STATE));
    }

    @Test
    void vectorsOfTheWrongType() {
        Tensor wide = Tensor.of(memory.asSlice(300, 32), DType.FLOAT64, 4);
        refuses("bias is float64, allowed is x's float32",
                () -> dropoutAdd.forward(x, wide, residual, out, STATE));
        refuses("gamma is float64, allowed is x's float32",
                () -> dropPathAdd.infer(x, wide, residual, out));
        refuses("dgamma is float64, allowed is dy's float32",
                () -> dropPathAdd.gammaGradient(x, residual, wide, STATE));
    }

    @Test
    void residualsThatDoNotFit() {
        refuses("out has shape [3, 4], allowed is residual's [4, 3]",
                () -> dropoutAdd.forward(x, null, part(100, 4, 3), out, STATE));
        Tensor wide = Tensor.of(memory.asSlice(400, 96), DType.FLOAT64, 3, 4);
        refuses("out is float32, allowed is residual's float64",
                () -> dropPathAdd.forward(x, null, wide, out, STATE));
        refuses("x has shape [12], allowed is dy's [3, 4]",
                () -> dropPathAdd.gammaGradient(x, part(100, 12), vector, STATE));
    }

    @Test
    void memoryThatOverlaps() {
        refuses("out overlaps residual in part",
                () -> dropoutAdd.forward(x, vector, residual, part(104, 3, 4), STATE));
        refuses("out overlaps x in part",
                () -> dropPathAdd.forward(part(180, 3, 4), vector, residual, out, STATE));
        refuses("bias overlaps out; allowed is memory apart",
                () -> dropoutAdd.forward(x, part(196, 4), residual, out, STATE));
        refuses("gamma overlaps dx; allowed is memory apart",
                () -> dropPathAdd.backward(x, part(220, 4), out, STATE));
        refuses("dbias overlaps dy", () -> dropoutAdd.biasGradient(x, part(32, 4), STATE));
        refuses("x overlaps dgamma",
                () -> dropPathAdd.gammaGradient(x, residual, part(100, 4), STATE));
        Mask inOutput = Mask.of(memory.asSlice(201, 2), 12);
        refuses("mask overlaps out",
                () -> dropoutAdd.forward(x, vector, residual, out, inOutput));
        refuses("mask overlaps dbias",
                () -> dropoutAdd.biasGradient(x, part(200, 4), inOutput));
    }

    @Test
    void outputsThatCannotBeWritten() {
        refuses("out is read-only",
                () -> dropoutAdd.forward(x, vector, residual, readOnly(3, 4), STATE));
        Tensor sums = readOnly(4);
        refuses("dbias is read-only", () -> dropoutAdd.biasGradient(x, sums, STATE));
        refuses("dgamma is read-only",
                () -> dropPathAdd.gammaGradient(x, residual, sums, STATE));
    }

    @Test
    void dropBlockOnOutputsThatDoNotFit() {
        DropBlock layer = new DropBlock(2, 0.5, 2);
        Tensor image = part(0, 1, 1, 3, 4);
        Tensor overlapping = part(16, 1, 1, 3, 4);
        Tensor readOnly = readOnly(1, 1, 3, 4);
        refuses("y overlaps x in part; allowed are the same memory and memory apart",
                () -> layer.forward(image, overlapping, STATE));
        refuses("dx overlaps dy in part", () -> layer.backward(image, overlapping, STATE));
        refuses("y overlaps x in part", () -> layer.infer(image, overlapping));
        refuses("y is read-only, it has to be writable",
                () -> layer.forward(image, readOnly, STATE));
        refuses("dx is read-only", () -> layer.backward(image, readOnly, STATE));
        refuses("y is read-only", () -> layer.infer(image, readOnly));
        Mask inOutput = Mask.of(memory.asSlice(201, 2), 12);
        refuses("mask overlaps y; allowed is memory apart",
                () -> layer.forward(image, part(200, 1, 1, 3, 4), inOutput));
        refuses("mask overlaps dx", () -> layer.backward(image, part(200, 1, 1, 3, 4), inOutput));
    }

    @Test
    void tokenDropOnOutputsThatDoNotFit() {
        TokenDrop layer = new TokenDrop(0.5, 0);
        long[] indices = {0, 2, 1, 2};
        Tensor all = part(0, 2, 3, 2);
        Tensor kept = part(100, 2, 2, 2);
        refuses("y overlaps x; allowed is memory apart",
                () -> layer.forward(all, part(44, 2, 2, 2), indices));
        refuses("y overlaps x", () -> layer.forward(all, part(0, 2, 2, 2), indices));
        refuses("dy overlaps dx; allowed is memory apart",
                () -> layer.backward(kept, part(128, 2, 3, 2), indices));
        refuses("y is read-only, it has to be writable",
                () -> layer.forward(all, readOnly(2, 2, 2), indices));
        refuses("dx is read-only", () -> layer.backward(kept, readOnly(2, 3, 2), indices));
    }

    @Test
    void pytorchsStreamOnOutputsThatDoNotFit() {
        TorchGenerator generator = TorchGenerator.seeded(1);
        TorchState before = generator.state();
        for (ScaledDropout layer : List.of(new Dropout(0.5), new DropPath(0.5))) {
            for (TorchStream stream : TorchStream.values()) {
                refuses("y overlaps x in part; allowed are the same memory and memory apart",
                        () -> layer.forward(x, part(4, 3, 4), generator.next(stream)));
                refuses("dx overlaps dy in part",
                        () -> layer.backward(x, part(4, 3, 4), TorchCall.of(before, stream)));
                refuses("y is read-only, it has to be writable",
                        () -> layer.forward(x, readOnly(3, 4), generator.next(stream)));
                refuses("dx is read-only",
                        () -> layer.backward(x, readOnly(3, 4), TorchCall.of(before, stream)));
            }
        }
        assertEquals(before, generator.state());
    }

    @Test
    void gaussianFormsOnOutputsThatDoNotFit() {
        GaussianDropout dropout = new GaussianDropout(0.5);
        GaussianNoise noise = new GaussianNoise(0.5);
        Tensor overlapping = part(4, 3, 4);
        Tensor readOnly = readOnly(3, 4);
        refuses("y overlaps x in part", () -> noise.forward(x, overlapping, STATE));
        refuses("dx overlaps dy in part", () -> noise.backward(x, overlapping));
        refuses("dx overlaps dy in part", () -> dropout.backward(x, overlapping, STATE));
        refuses("y is read-only, it has to be writable",
                () -> dropout.forward(x, readOnly, STATE));
        refuses("dx is read-only", () -> dropout.backward(x, readOnly, STATE));
        refuses("y is read-only", () -> dropout.infer(x, readOnly));
        refuses("y is read-only", () -> noise.forward(x, readOnly, STATE));
        refuses("dx is read-only", () -> noise.backward(x, readOnly));
        refuses("y is read-only", () -> noise.infer(x, readOnly));
    }

    @Test
    void unitsThatDoNotExist() {
        refuses("start is 18446744073709551605, with 12 units allowed are 0 to",
                () -> dropoutAdd.forward(x, vector, residual, out, STATE, -11));
        refuses("start is 18446744073709551614, with 3 units allowed are 0 to",
                () -> dropPathAdd.gammaGradient(x, residual, vector, STATE, -2));
        Mask two = Mask.allocate(arena, 2);
        refuses("mask has 2 units, needed are at least 3",
                () -> dropPathAdd.forward(x, vector, residual, out, two));
        refuses("mask has 2 units, needed are at least 12",
                () -> dropoutAdd.biasGradient(x, vector, two));
    }

    @Test
    void unitsThatAreNotElements() {
        Dropout channels = new Dropout(0.5, Scaling.NONE, Units.channels());
        refuses("dropout is Dropout[", () -> new DropoutAdd(channels));
    }

    @Test
    void closedAndForeignMemory() throws InterruptedException {
        Tensor closed;
        try (Arena other = Arena.ofConfined()) {
            closed = Tensor.allocate(other, DType.FLOAT32, 3, 4);
        }
        assertThrows(
                IllegalStateException.class,
                () -> dropoutAdd.forward(x, vector, closed, out, STATE));
        assertThrows(
                IllegalStateException.class,
                () -> dropPathAdd.gammaGradient(x, closed, vector, STATE));
        Thread foreign =
                new Thread(
                        () ->
                                assertThrows(
                                        WrongThreadException.class,
                                        () ->
                                                dropoutAdd.forward(
                                                        x, vector, residual, out, STATE)));
        Throwable[] failure = new Throwable[1];
        foreign.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
        foreign.start();
        foreign.join();
        assertEquals(null, failure[0]);
    }

    private static void refuses(String message, Executable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }
}
