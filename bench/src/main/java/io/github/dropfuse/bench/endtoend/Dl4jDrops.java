package io.github.dropfuse.bench.endtoend;

import io.github.dropfuse.dl4j.DropfuseDropPathVertex;
import io.github.dropfuse.dl4j.DropfuseDropout;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;

/** How a contender drops in Deeplearning4j. */
interface Dl4jDrops {
    /** Those that there are: our layers use the common pool without being asked. */
    static List<Contender> contenders() {
        return List.of(Contender.NONE, Contender.FRAMEWORK, Contender.DROPFUSE);
    }

    static Dl4jDrops of(Contender contender) {
        return switch (contender) {
            case NONE -> new None();
            case FRAMEWORK -> new Framework();
            case DROPFUSE -> new Dropfuse();
            case DROPFUSE_POOL -> throw new IllegalArgumentException(contender.name());
        };
    }

    /** Whether anything is dropped. */
    default boolean drops() {
        return true;
    }

    /** Drops elements with probability p; null for nobody. */
    IDropout dropout(double p);

    /** Adds the sum of a branch, of which samples are dropped, and a residual. */
    void addResidual(GraphBuilder graph, String name, double p, String branch, String residual);

    /** Nobody. */
    record None() implements Dl4jDrops {
        @Override
        public boolean drops() {
            return false;
        }

        @Override
        public IDropout dropout(double p) {
            return null;
        }

        @Override
        public void addResidual(
                GraphBuilder graph, String name, double p, String branch, String residual) {
            graph.addVertex(
                    name, new ElementWiseVertex(ElementWiseVertex.Op.Add), branch, residual);
        }
    }

    /** Deeplearning4j, whose p is kept. It has no DropPath, so that its users write one. */
    record Framework() implements Dl4jDrops {
        @Override
        public IDropout dropout(double p) {
            return new Dropout(1 - p);
        }

        @Override
        public void addResidual(
                GraphBuilder graph, String name, double p, String branch, String residual) {
            String dropped = name + "dropped";
            graph.addLayer(
                    dropped, new DropoutLayer.Builder(new ComposedNd4jDropPath(p)).build(), branch);
            graph.addVertex(
                    name, new ElementWiseVertex(ElementWiseVertex.Op.Add), dropped, residual);
        }
    }

    /** Ours. */
    record Dropfuse() implements Dl4jDrops {
        @Override
        public IDropout dropout(double p) {
            return new DropfuseDropout(p);
        }

        @Override
        public void addResidual(
                GraphBuilder graph, String name, double p, String branch, String residual) {
            graph.addVertex(name, new DropfuseDropPathVertex(p), branch, residual);
        }
    }
}
