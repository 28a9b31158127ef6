package io.github.dropfuse.cli.apply;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.lang.foreign.Arena;

/** Takes a layer over a file, a part at a time. */
final class ApplyRun {
    private final AppliedLayer layer;
    private final NpyFile input;
    private final NpyRows in;
    private final Tensor out;
    private long nanos;

    /** Prepares the layer; the arena owns what is converted. */
    ApplyRun(AppliedLayer layer, NpyFile input, Tensor output, Arena arena) {
        this.layer = layer;
        this.input = input;
        this.in = new NpyRows(input, layer.view(input.header().shape()), arena);
        this.out = output.reshape(layer.view(output.shape()));
        layer.begin(out);
    }

    /** Computes all of the output in parts of about so many elements. */
    void compute(long partElements, Progress progress) throws IOException {
        long rows = out.rank() == 0 ? 1 : out.extent(0);
        long rowSize = Math.max(input.header().size(), out.size()) / Math.max(1, rows);
        long step = layer.isCut() ? Math.max(1, partElements / Math.max(1, rowSize)) : rows;
        long from = 0;
        do {
            long to = step < rows - from ? from + step : rows;
            Tensor part = to - from == rows ? out : out.slice(from, to);
            long begun = System.nanoTime();
            layer.apply(in.rows(from, to, part), part, from);
            nanos += System.nanoTime() - begun;
            progress.add(part.size());
            layer.count(part, from, progress);
            from = to;
        } while (from < rows);
    }

    /** What {@link #compute} tells of to its progress. */
    long work() {
        return out.size() + layer.counted();
    }

    /** Time of computing. */
    long nanos() {
        return nanos;
    }

    /** Bytes that were read and written for it. */
    long bytes() {
        return input.header().dataSize() + layer.bytesBeside() + out.byteSize();
    }
}
