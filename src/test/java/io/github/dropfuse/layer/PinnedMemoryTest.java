package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks in memory that the host can read, but that a device may still be writing to. */
class PinnedMemoryTest {
    private static final String BACKENDS = "io.github.dropfuse.layer.Combinations#backends";
    private static final PhiloxState STATE = new PhiloxState(8, 9);

    private final Arena arena = Arena.ofConfined();
    private int copies;

    /** Pinned memory as a device has it. */
    private final Location pinned =
            new Location(true) {
                @Override
                protected void copy(
                        MemorySegment from,
                        Location fromLocation,
                        MemorySegment to,
                        Location toLocation,
                        long bytes) {
                    MemorySegment.copy(from, 0, to, 0, bytes);
                    copies++;
                }
            };

    @AfterEach
    void close() {
        arena.close();
    }

    private Mask pinned(Mask mask) {
        MemorySegment memory = arena.allocate(mask.segment().byteSize());
        memory.copyFrom(mask.segment());
        return Mask.at(pinned, memory, mask.units());
    }

    /** The host waits for what it reads by itself, by asking the place for a copy. */
    @ParameterizedTest
    @MethodSource(BACKENDS)
    void isCopiedBeforeTheHostReadsIt(Backend backend) {
        Execution execution = Execution.automatic().on(backend);
        DropPath path = new DropPath(0.5).with(execution);
        Tensor x = Samples.any(arena, DType.FLOAT32, 1, 9, 4, 6, 5);
        Mask mask = path.mask(arena, x, STATE);
        assertArrayEquals(
                KeptSamples.drawn(path, 9, STATE).indices(),
                KeptSamples.drawn(path, 9, pinned(mask)).indices());
        assertEquals(1, copies);

        DropBlock blocks =
                new DropBlock(2, 0.3, 2).with(DropBlock.Factor.REALISED).with(execution);
        Tensor expected = Samples.empty(arena, DType.FLOAT32, x.shape());
        Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
        blocks.forward(x, expected, STATE);
        blocks.forward(x, y, pinned(blocks.mask(arena, x, STATE)));
        Samples.same("blocks", expected, y);
        assertEquals(2, copies);

        TokenDrop drop = new TokenDrop(0.5, 0).with(execution);
        Tensor tokens = x.reshape(9, 12, 10);
        Tensor wanted = Samples.empty(arena, DType.FLOAT32, 9, 6, 10);
        Tensor kept = Samples.empty(arena, DType.FLOAT32, 9, 6, 10);
        drop.forward(tokens, wanted, STATE);
        drop.forward(tokens, kept, pinned(drop.mask(arena, tokens, STATE)));
        Samples.same("tokens", wanted, kept);
        assertEquals(3, copies);
    }

    /** A box whose mask is made part by part. */
    @ParameterizedTest
    @MethodSource(BACKENDS)
    void isCopiedForPartsOfABox(Backend backend) {
        Dropout dropout = new Dropout(0.4).with(Execution.automatic().on(backend));
        Tensor whole = Tensor.allocate(arena, DType.FLOAT32, 4, 6, 7);
        Tensor box = Tensor.allocate(arena, DType.FLOAT32, 2, 3, 4);
        Shard shard = Shard.of(new long[] {4, 6, 7}, 1, 2, 3);
        Mask expected = dropout.mask(arena, box, STATE, shard);
        Mask ofPinned =
                dropout.mask(arena, box, pinned(dropout.mask(arena, whole, STATE)), shard);
        assertEquals(-1, expected.segment().mismatch(ofPinned.segment()));
        assertEquals(1, copies);
    }

    /** An arena of the caller's whose memory cannot be written. */
    @ParameterizedTest
    @MethodSource(BACKENDS)
    void readOnlyMemoryOfAnArenaIsRefused(Backend backend) {
        Arena readOnly =
                new Arena() {
                    @Override
                    public MemorySegment allocate(long bytes, long alignment) {
                        return arena.allocate(bytes, alignment).asReadOnly();
                    }

                    @Override
                    public MemorySegment.Scope scope() {
                        return arena.scope();
                    }

                    @Override
                    public void close() {}
                };
        Dropout dropout = new Dropout(0.5).with(Execution.automatic().on(backend));
        Tensor x = Tensor.of(new float[8], 8);
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> dropout.mask(readOnly, x, STATE));
        assertEquals(
                "the arena's memory is read-only, it has to be writable", e.getMessage());
    }
}
