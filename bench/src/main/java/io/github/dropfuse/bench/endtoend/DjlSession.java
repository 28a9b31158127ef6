package io.github.dropfuse.bench.endtoend;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.norm.Dropout;
import io.github.dropfuse.Generator;
import io.github.dropfuse.bench.jmh.PyTorch;
import io.github.dropfuse.djl.DropPathBlock;
import io.github.dropfuse.djl.DropoutBlock;
import io.github.dropfuse.djl.TorchOperator;
import io.github.dropfuse.layer.Execution;
import java.util.List;

/** DJL's PyTorch in this process, and how each contender drops in it. */
class DjlSession {
    static final long SEED = 42;

    private final int threads;
    private final Generator generator = Generator.seeded(SEED);

    DjlSession(Setting setting) {
        threads = setting.threads();
        Engine engine = PyTorch.start(threads);
        engine.setRandomSeed((int) SEED);
        if (setting.route() == Setting.Route.OPERATOR) {
            TorchOperator.install();
        }
    }

    NDManager manager() {
        return NDManager.newBaseManager();
    }

    /** With one thread, a pool of more would not be one. */
    List<Contender> contenders() {
        return threads > 1
                ? List.of(Contender.values())
                : List.of(Contender.NONE, Contender.FRAMEWORK, Contender.DROPFUSE);
    }

    /** What our blocks draw from. */
    Generator generator() {
        return generator;
    }

    /** A block that drops elements. */
    Block dropout(Contender contender, double p) {
        return switch (contender) {
            case NONE -> Blocks.identityBlock();
            case FRAMEWORK -> Dropout.builder().optRate((float) p).build();
            case DROPFUSE, DROPFUSE_POOL ->
                    DropoutBlock.builder()
                            .optRate(p)
                            .optGenerator(generator)
                            .optExecution(execution(contender))
                            .build();
        };
    }

    /** A block that drops samples. DJL has none, so that its users compose it of what there is. */
    Block dropPath(Contender contender, double p) {
        return switch (contender) {
            case NONE -> Blocks.identityBlock();
            case FRAMEWORK -> new ComposedDropPath(p);
            case DROPFUSE, DROPFUSE_POOL ->
                    DropPathBlock.builder()
                            .optRate(p)
                            .optGenerator(generator)
                            .optExecution(execution(contender))
                            .build();
        };
    }

    /** On the calling thread, which is the blocks' default, or on the common pool as well. */
    private static Execution execution(Contender contender) {
        Execution all = Execution.automatic();
        return contender == Contender.DROPFUSE_POOL ? all : all.sequential();
    }
}
