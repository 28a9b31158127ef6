package io.github.dropfuse.bench.endtoend;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Dropout by itself in Deeplearning4j, forward, as a layer calls it, masks in a workspace. */
final class Dl4jDropout implements Task {
    private static final double P = 0.1;

    /** As networks name theirs in training. */
    private static final String WORKSPACE = "WS_ALL_LAYERS_ACT";

    private static final WorkspaceConfiguration REUSED =
            WorkspaceConfiguration.builder()
                    .policyLearning(LearningPolicy.FIRST_LOOP)
                    .policySpill(SpillPolicy.REALLOCATE)
                    .build();

    private final INDArray x =
            Nd4j.randn(DataType.FLOAT, Tasks.SAMPLES, Tasks.TOKENS, Tasks.HIDDEN);
    private final INDArray y = x.ulike();
    private final LayerWorkspaceMgr manager =
            LayerWorkspaceMgr.builder().with(ArrayType.INPUT, WORKSPACE, REUSED).build();
    private final Map<Contender, IDropout> dropouts = new EnumMap<>(Contender.class);

    private Dl4jDropout(Function<Contender, Dl4jDrops> drops) {
        contenders().forEach(one -> dropouts.put(one, drops.apply(one).dropout(P)));
    }

    static Dl4jDropout large(Function<Contender, Dl4jDrops> drops) {
        return new Dl4jDropout(drops);
    }

    @Override
    public String name() {
        return Tasks.LARGE_DROPOUT;
    }

    /** Without dropout there is no call. */
    @Override
    public List<Contender> contenders() {
        return List.of(Contender.FRAMEWORK, Contender.DROPFUSE);
    }

    @Override
    public Pace pace() {
        return Pace.LARGE_DROPOUT;
    }

    @Override
    public void call(Contender contender) {
        try (MemoryWorkspace workspace =
                Nd4j.getWorkspaceManager().getAndActivateWorkspace(REUSED, WORKSPACE)) {
            dropouts.get(contender).applyDropout(x, y, 0, 0, manager);
        }
    }

    @Override
    public void close() {
        x.close();
        y.close();
        Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    }
}
