package io.github.dropfuse.cli.common;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Draws masks of any size in pieces, and puts these together to packed bits. */
public final class MaskStream {
    private static final int PIECE_UNITS = 1 << 22;

    private final Sink sink;
    private final ByteBuffer packed = ByteBuffer.allocate(PIECE_UNITS / 8 + 1);
    private int bits;
    private int count;

    /** For a sink that takes packed bits as they come. */
    public MaskStream(Sink sink) {
        this.sink = sink;
    }

    /** Takes packed bits. */
    public interface Sink {
        void accept(ByteBuffer packed) throws IOException;
    }

    /** Draws the mask of elements with such extents, row-major, and counts the kept. */
    public long draw(
            double p, DrawOptions draw, long[] shape, Staging staging, Progress progress)
            throws IOException {
        Dropout layer = new Dropout(p).with(staging.execution());
        long kept = 0;
        try (Arena arena = Arena.ofShared()) {
            long most = Math.min(PIECE_UNITS, Shapes.product(shape));
            Tensor any = Tensor.allocate(arena, DType.FLOAT16, most);
            for (Box box : Box.parts(shape, shape.length, PIECE_UNITS)) {
                try (Arena ofPiece = Arena.ofShared()) {
                    Tensor x = any.slice(0, box.size()).reshape(box.shape());
                    Mask mask = layer.mask(ofPiece, x, draw.state(), draw.shard(shape, box));
                    Mask near = Staging.near(ofPiece, mask);
                    kept += near.kept();
                    append(near);
                    progress.add(near.units());
                }
            }
        }
        if (count > 0) {
            sink.accept(packed.clear().put((byte) bits).flip());
        }
        return kept;
    }

    private void append(Mask mask) throws IOException {
        if (count == 0 && mask.units() % 8 == 0) {
            sink.accept(mask.segment().asByteBuffer());
            return;
        }
        packed.clear();
        for (long unit = 0; unit < mask.units(); unit += 8) {
            int more = (int) Math.min(8, mask.units() - unit);
            bits |= (mask.segment().get(ValueLayout.JAVA_BYTE, unit / 8) & 0xFF) << count;
            count += more;
            if (count >= 8) {
                packed.put((byte) bits);
                bits >>>= 8;
                count -= 8;
            }
        }
        sink.accept(packed.flip());
    }
}
