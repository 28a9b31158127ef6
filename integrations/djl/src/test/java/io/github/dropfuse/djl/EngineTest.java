package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Another engine that trains, MXNet: its products and sums are those of plain arrays. */
class EngineTest {
    private static final PhiloxState STATE = new PhiloxState(6, 1);
    private static final Engine ENGINE = Engine.getEngine("MXNet");

    @ParameterizedTest
    @EnumSource(Samples.class)
    void multiplies(Samples sample) {
        Tensor x = Arrays.plain(DType.FLOAT32, 1, sample.shape());
        Tensor dy = Arrays.plain(DType.FLOAT32, 2, sample.shape());
        Tensor factors = Arrays.zeros(DType.FLOAT32, sample.shape());
        Tensor shift = Arrays.zeros(DType.FLOAT32, sample.shape());
        for (long i = 0; i < x.size(); i++) {
            factors.set(i, 1);
        }
        sample.layer().backward(factors, factors, STATE);
        sample.layer().forward(shift, shift, STATE);
        Tensor y = Arrays.zeros(DType.FLOAT32, sample.shape());
        Tensor dx = Arrays.zeros(DType.FLOAT32, sample.shape());
        for (long i = 0; i < x.size(); i++) {
            float product = (float) x.get(i) * (float) factors.get(i);
            y.set(i, product + (float) shift.get(i));
            dx.set(i, (float) dy.get(i) * (float) factors.get(i));
        }
        Generator generator = Generator.from(STATE);
        try (NDManager manager = ENGINE.newBaseManager();
                GradientCollector collector = ENGINE.newGradientCollector()) {
            NDArray leaf = array(manager, x);
            leaf.setRequiresGradient(true);
            NDArray out = Arrays.forward(sample.block(generator), leaf, true);
            collector.backward(out.mul(array(manager, dy)));
            Arrays.assertBits(Arrays.unsigned(y), Arrays.unsigned(plain(out)), "y");
            Arrays.assertBits(
                    Arrays.unsigned(dx), Arrays.unsigned(plain(leaf.getGradient())), "dx");
        }
        assertEquals(STATE.offset() + 1, generator.state().offset());
    }

    private static NDArray array(NDManager manager, Tensor values) {
        FloatBuffer buffer =
                values.segment().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
        return manager.create(buffer, new Shape(values.shape()), DataType.FLOAT32);
    }

    private static Tensor plain(NDArray array) {
        return Tensor.of(array.toFloatArray(), array.getShape().getShape());
    }

    /** The engine's sum, of a branch that is rounded before. */
    @Test
    void addsABranch() {
        Tensor x = Arrays.plain(DType.FLOAT32, 1, 19, 30);
        Tensor y = Arrays.zeros(DType.FLOAT32, 19, 30);
        Tensor factors = Arrays.zeros(DType.FLOAT32, 19, 30);
        for (long i = 0; i < x.size(); i++) {
            factors.set(i, 1);
        }
        new DropPath(0.3).backward(factors, factors, STATE);
        for (long i = 0; i < x.size(); i++) {
            float branch = (float) -x.get(i) * (float) factors.get(i);
            y.set(i, (float) x.get(i) + branch);
            factors.set(i, 1 - factors.get(i));
        }
        DropPathAdd block =
                DropPathAdd.builder()
                        .setBranch(LambdaBlock.singleton(NDArray::neg))
                        .optRate(0.3)
                        .optGenerator(Generator.from(STATE))
                        .build();
        try (NDManager manager = ENGINE.newBaseManager();
                GradientCollector collector = ENGINE.newGradientCollector()) {
            NDArray leaf = array(manager, x);
            leaf.setRequiresGradient(true);
            NDArray out = Arrays.forward(block, leaf, true);
            collector.backward(out);
            Arrays.assertBits(Arrays.unsigned(y), Arrays.unsigned(plain(out)), "y");
            Arrays.assertBits(factors, plain(leaf.getGradient()), "dx");
        }
    }

    /** Nothing that a block makes on the way stays with the input's manager. */
    @Test
    void leavesItsResultOnly() {
        for (Samples sample : Samples.values()) {
            try (NDManager manager = ENGINE.newBaseManager()) {
                NDArray x = array(manager, Arrays.plain(DType.FLOAT32, 1, sample.shape()));
                NDArray y = Arrays.forward(sample.block(Generator.from(STATE)), x, true);
                int arrays = x == y ? 1 : 2;
                assertEquals(arrays, manager.getManagedArrays().size(), sample.name());
            }
        }
    }

    @Test
    void otherTypes() {
        Generator generator = Generator.from(STATE);
        RandomBlock block = Samples.DROPOUT.block(generator);
        try (NDManager manager = ENGINE.newBaseManager()) {
            for (DataType type : new DataType[] {DataType.INT32, DataType.FLOAT16}) {
                NDArray x = manager.create(new int[] {1, 2}).toType(type, true);
                var e =
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> Arrays.forward(block, x, true));
                assertEquals(
                        "x is " + type + ", in engine MXNet allowed are float32, float64",
                        e.getMessage());
            }
        }
        assertEquals(STATE, generator.state());
    }
}
