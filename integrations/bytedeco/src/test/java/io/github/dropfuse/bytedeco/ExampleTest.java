package io.github.dropfuse.bytedeco;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.layer.Dropout;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The example of the package's documentation, which takes it from here. */
class ExampleTest {
    @Test
    void call() {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = Plain.torch(Plain.random(1, DType.FLOAT32, 8, 8)).set_requires_grad(true);
            // @start region="call"
            Dropout dropout = new Dropout(0.1);                        // p is the probability to drop
            Generator generator = Generator.seeded(42);
            Tensor y = Drop.apply(dropout, x, generator.next());       // training
            y.sum().backward();                                        // x.grad() has the mask's gradient
            Tensor z = Drop.infer(dropout, x);                         // evaluation
            // @end
            assertTrue(x.grad().defined());
            assertArrayEquals(Plain.bits(x), Plain.bits(z));
        }
    }
}
