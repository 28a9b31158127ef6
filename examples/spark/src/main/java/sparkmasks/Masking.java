package sparkmasks;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import java.util.Iterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;

/** The transform: dropout over the rows of one partition. */
final class Masking {
    private Masking() {}

    /**
     * Drops features. Each row gets its own row of the one mask of all rows, wherever it is.
     *
     * @param rows a partition, in any order
     * @param p probability to drop a feature
     * @param state the mask
     */
    static Iterator<Sample> drop(Iterator<Sample> rows, double p, PhiloxState state) {
        Dropout dropout = dropout(p);
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false)
                .map(
                        row -> {
                            float[] dropped = row.getFeatures().clone();
                            Tensor x = Tensor.of(dropped, 1, dropped.length);
                            dropout.forward(x, x, state, row.getIndex());
                            return row.withFeatures(dropped);
                        })
                .iterator();
    }

    /** A layer for one task. It stays on the task's thread, as Spark has one for each core. */
    static Dropout dropout(double p) {
        return new Dropout(p).with(Execution.automatic().sequential());
    }
}
