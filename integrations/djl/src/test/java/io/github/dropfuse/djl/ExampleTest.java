package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import io.github.dropfuse.Generator;
import org.junit.jupiter.api.Test;

/** The example of the package's documentation, which takes it from here. */
class ExampleTest {
    @Test
    void network() {
        // @start region="network"
        Generator generator = Generator.seeded(42);
        SequentialBlock net = new SequentialBlock()
                .add(Linear.builder().setUnits(256).build())
                .add(Activation.reluBlock())
                .add(DropoutBlock.builder().optRate(0.1).optGenerator(generator).build())
                .add(Linear.builder().setUnits(10).build());
        // @end
        try (NDManager manager = Arrays.manager()) {
            net.initialize(manager, DataType.FLOAT32, new Shape(8, 16));
            NDList inputs = new NDList(manager.ones(new Shape(8, 16)));
            NDList out = net.forward(new ParameterStore(manager, false), inputs, true);
            assertEquals(new Shape(8, 10), out.singletonOrThrow().getShape());
        }
        assertEquals(1, generator.state().offset());
    }
}
