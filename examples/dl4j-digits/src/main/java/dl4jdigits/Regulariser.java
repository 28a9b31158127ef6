package dl4jdigits;

import io.github.dropfuse.dl4j.DropfuseDropPathVertex;
import io.github.dropfuse.dl4j.DropfuseDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;

/** What is dropped in training. */
enum Regulariser {
    NONE("none"),
    DL4J_DROPOUT("Deeplearning4j's Dropout"),
    DROPOUT("Dropfuse's Dropout"),
    DROP_PATH("Dropfuse's DropPath");

    private static final double P = 0.3;

    /** In the last block. Those before have less, in equal steps. */
    private static final double PATH_P = 0.4;

    final String title;

    Regulariser(String title) {
        this.title = title;
    }

    /** {@return a dropout for one layer's input, null for none} */
    IDropout dropout() {
        return switch (this) {
            // Deeplearning4j's number is the probability to keep.
            case DL4J_DROPOUT -> new Dropout(1 - P);
            case DROPOUT -> new DropfuseDropout(P);
            default -> null;
        };
    }

    /** {@return what adds a branch to its residual} */
    GraphVertex sum(int block) {
        return this == DROP_PATH
                ? new DropfuseDropPathVertex(PATH_P * (block + 1) / Network.BLOCKS)
                : new ElementWiseVertex(ElementWiseVertex.Op.Add);
    }
}
