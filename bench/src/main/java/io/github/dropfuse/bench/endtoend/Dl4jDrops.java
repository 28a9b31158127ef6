package io.github.dropfuse.bench.endtoend;

import io.github.dropfuse.dl4j.DropfuseDropPathVertex;
import io.github.dropfuse.dl4j.DropfuseDropout;
import java.util.List;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;

/** How a contender drops in Deeplearning4j; nobody, unless it says more. */
interface Dl4jDrops {
    /** Those that there are: our layers use the common pool without being asked. */
    static List<Contender> contenders() {
        return List.of(Contender.NONE, Contender.FRAMEWORK, Contender.DROPFUSE);
    }

    static Dl4jDrops of(Contender contender) {
        return switch (contender) {
            case NONE -> new Dl4jDrops() {};
            case FRAMEWORK -> new Framework();
            case DROPFUSE -> new Dropfuse();
            case DROPFUSE_POOL -> throw new IllegalArgumentException(contender.name());
        };
    }

    /** Drops elements with probability p, or is null. */
    default IDropout dropout(double p) {
        return null;
    }

    /** Drops samples at a branch's end with probability p, or is null. */
    default IDropout dropPath(double p) {
        return null;
    }

    /** Adds a branch and a residual. */
    default GraphVertex sum(double p) {
        return new ElementWiseVertex(ElementWiseVertex.Op.Add);
    }

    /** Deeplearning4j, whose p is kept. It has no DropPath, so that its users write one. */
    record Framework() implements Dl4jDrops {
        @Override
        public IDropout dropout(double p) {
            return new Dropout(1 - p);
        }

        @Override
        public IDropout dropPath(double p) {
            return new ComposedNd4jDropPath(p);
        }
    }

    /** Ours, whose sum drops samples of the branch. */
    record Dropfuse() implements Dl4jDrops {
        @Override
        public IDropout dropout(double p) {
            return new DropfuseDropout(p).seeded(DjlSession.SEED);
        }

        @Override
        public GraphVertex sum(double p) {
            return new DropfuseDropPathVertex(p);
        }
    }
}
