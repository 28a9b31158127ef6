package io.github.dropfuse.bench.endtoend;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Dropout by itself in DJL, forward and backward. */
final class DjlDropout implements Task {
    static final double P = 0.1;

    private final String name;
    private final Pace pace;
    private final List<Contender> contenders;
    private final Map<Contender, Block> blocks = new EnumMap<>(Contender.class);
    private final NDManager manager;
    private final ParameterStore noParameters;
    private final NDArray x;
    private final PtNDArray dy;

    private DjlDropout(DjlSession session, String name, Pace pace, Shape shape) {
        this.name = name;
        this.pace = pace;
        contenders = session.contenders();
        contenders.forEach(one -> blocks.put(one, session.dropout(one, P)));
        manager = session.manager();
        noParameters = new ParameterStore(manager, false);
        x = manager.randomNormal(shape);
        dy = (PtNDArray) manager.randomNormal(shape);
        blocks.values().forEach(block -> block.initialize(manager, DataType.FLOAT32, shape));
    }

    /** 16 Ki elements. */
    static DjlDropout small(DjlSession session) {
        return new DjlDropout(
                session, Tasks.SMALL_DROPOUT, Pace.SMALL_DROPOUT, new Shape(64, 256));
    }

    /** The hidden layer of 8 samples of a vision transformer's base model. */
    static DjlDropout large(DjlSession session) {
        return new DjlDropout(
                session,
                Tasks.LARGE_DROPOUT,
                Pace.LARGE_DROPOUT,
                new Shape(Tasks.SAMPLES, Tasks.TOKENS, Tasks.HIDDEN));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Contender> contenders() {
        return contenders;
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public void call(Contender contender) {
        pass(contender).close();
    }

    /** Forward and backward; all arrays are open until it is closed. */
    @SuppressWarnings("try") // the collector is open, no more
    Pass pass(Contender contender) {
        NDManager arrays = manager.newSubManager();
        NDArray leaf = x.stopGradient();
        leaf.attach(arrays);
        leaf.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray y =
                    blocks.get(contender)
                            .forward(noParameters, new NDList(leaf), true)
                            .singletonOrThrow();
            JniUtils.backward((PtNDArray) y, dy, false, false);
            return new Pass(arrays, leaf, y, dy);
        }
    }

    /** The arrays of a call. */
    record Pass(NDManager arrays, NDArray x, NDArray y, NDArray dy) implements AutoCloseable {
        @Override
        public void close() {
            arrays.close();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
