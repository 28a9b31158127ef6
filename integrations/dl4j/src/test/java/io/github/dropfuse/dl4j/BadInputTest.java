package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** Wrong arguments are named, with their value and what is allowed, and nothing is written. */
class BadInputTest {
    private static final StreamDropout DROPOUT = new DropfuseDropout(0.5);

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static INDArray apply(INDArray x, INDArray y) {
        return DROPOUT.applyDropout(x, y, 0, 0, Plain.network());
    }

    @Test
    void pOutOfRange() {
        List<DoubleFunction<Object>> all =
                List.of(
                        DropfuseDropout::new,
                        DropfuseSpatialDropout::new,
                        DropfuseAlphaDropout::new,
                        DropfuseDropPath::new,
                        DropfuseDropConnect::new,
                        DropfuseDropPathVertex::new);
        for (DoubleFunction<Object> make : all) {
            for (double p : new double[] {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY}) {
                refused("p is " + p + ", allowed are 0 to 1", () -> make.apply(p));
            }
        }
        refused("p is 1.0, allowed are 0 to below 1", () -> new DropfuseGaussianDropout(1));
        assertTrue(
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new DropfuseGaussianNoise(-1))
                        .getMessage()
                        .startsWith("sigma is -1.0, allowed are 0 and more"));
    }

    @Test
    void integersAndBooleans() {
        INDArray floats = Nd4j.ones(DataType.FLOAT, 4, 4);
        for (DataType type :
                List.of(DataType.INT32, DataType.INT64, DataType.UINT8, DataType.BOOL)) {
            INDArray array = Nd4j.ones(4, 4).castTo(type);
            String allowed = " is " + type + ", allowed are FLOAT, DOUBLE, HALF and BFLOAT16";
            refused("inputActivations" + allowed, () -> apply(array, floats));
            refused("resultArray" + allowed, () -> apply(floats, array));
            refused("gradAtOutput" + allowed, () -> DROPOUT.backprop(array, floats, 0, 0));
        }
        assertEquals(Nd4j.ones(DataType.FLOAT, 4, 4), floats);
    }

    @Test
    void closedArrays() {
        INDArray open = Nd4j.ones(DataType.FLOAT, 4, 4);
        INDArray closed = Nd4j.ones(DataType.FLOAT, 4, 4);
        closed.close();
        refused("inputActivations is closed, it has to be open", () -> apply(closed, open));
        refused("resultArray is closed, it has to be open", () -> apply(open, closed));
        INDArray whole = Nd4j.ones(DataType.FLOAT, 4, 4);
        INDArray view = whole.getRow(1);
        whole.close();
        refused("inputActivations is closed, it has to be open", () -> apply(view, view));
        assertEquals(Nd4j.ones(DataType.FLOAT, 4, 4), open);
    }

    @Test
    void nulls() {
        INDArray array = Nd4j.ones(DataType.FLOAT, 4, 4);
        assertEquals(
                "inputActivations",
                assertThrows(NullPointerException.class, () -> apply(null, array)).getMessage());
        assertEquals(
                "resultArray",
                assertThrows(NullPointerException.class, () -> apply(array, null)).getMessage());
        assertEquals(
                "channels",
                assertThrows(
                                NullPointerException.class,
                                () -> new DropfuseSpatialDropout(0.5, (Channels) null))
                        .getMessage());
    }

    @Test
    void shapesThatDiffer() {
        INDArray four = Nd4j.ones(DataType.FLOAT, 4, 4);
        INDArray five = Nd4j.ones(DataType.FLOAT, 4, 5);
        refused(
                "resultArray has shape [4, 5], allowed is that of inputActivations, [4, 4]",
                () -> apply(four, five));
        assertEquals(Nd4j.ones(DataType.FLOAT, 4, 5), five);

        StreamDropout dropout = new DropfuseDropout(0.5);
        dropout.applyDropout(five, five.ulike(), 0, 0, Plain.network());
        refused(
                "gradAtOutput has shape [4, 4], allowed is the activations' [4, 5]",
                () -> dropout.backprop(four, four, 0, 0));
    }

    @Test
    void channelDropoutByRank() {
        for (long[] shape : new long[][] {{4}, {4, 4}, {2, 2, 2, 2, 2, 2}}) {
            INDArray array = Nd4j.ones(DataType.FLOAT, shape);
            refused(
                    "activations have rank " + shape.length
                            + ", with channel dropout allowed are 3, 4 and 5",
                    () ->
                            new DropfuseSpatialDropout(0.5)
                                    .applyDropout(array, array, 0, 0, Plain.network()));
        }
    }

    @Test
    void backpropWithoutForward() {
        INDArray array = Nd4j.ones(DataType.FLOAT, 4, 4);
        StreamDropout dropout = new DropfuseDropout(0.5);
        assertThrows(IllegalStateException.class, () -> dropout.backprop(array, array, 0, 0));
        dropout.applyDropout(array, array.ulike(), 3, 0, Plain.network());
        assertEquals(
                "backprop in iteration 4 without applyDropout in it before",
                assertThrows(
                                IllegalStateException.class,
                                () -> dropout.backprop(array, array, 4, 0))
                        .getMessage());
        dropout.backprop(array, array, 3, 0);
        assertThrows(IllegalStateException.class, () -> dropout.backprop(array, array, 3, 0));
    }

    /** Arrays that cannot take what becomes of a FLOAT of shape [4, 6]. */
    private static List<INDArray> wrongResults() {
        INDArray closed = Nd4j.ones(DataType.FLOAT, 4, 6);
        closed.close();
        List<INDArray> wrong = new ArrayList<>();
        wrong.add(Nd4j.ones(DataType.FLOAT, 6, 4));
        wrong.add(Nd4j.ones(DataType.FLOAT, 24));
        wrong.add(Nd4j.ones(4, 6).castTo(DataType.INT32));
        wrong.add(closed);
        wrong.add(null);
        return wrong;
    }

    /** A refused call has no number of its own, and a refused gradient is still to come. */
    @Test
    void refusedCallsMoveNothing() {
        StreamDropout dropout = new DropfuseDropout(0.5).seeded(Plain.SEED);
        LayerWorkspaceMgr network = Plain.network();
        Tensor plain = Plain.random(1, DType.FLOAT32, 4, 6);
        INDArray x = Plain.array(DataType.FLOAT, 'c', plain);
        for (int call = 0; call < 2; call++) {
            Tensor y = Plain.zeros(DType.FLOAT32, 4, 6);
            new Dropout(0.5).forward(plain, y, Plain.other(0, 0, call));
            for (INDArray wrong : wrongResults()) {
                assertThrows(
                        RuntimeException.class,
                        () -> dropout.applyDropout(x, wrong, 0, 0, network));
            }
            INDArray out = dropout.applyDropout(x, x.ulike(), 0, 0, network);
            assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(out)), "call " + call);
        }
        for (int call = 1; call >= 0; call--) {
            Tensor dx = Plain.zeros(DType.FLOAT32, 4, 6);
            new Dropout(0.5).backward(plain, dx, Plain.other(0, 0, call));
            for (INDArray wrong : wrongResults()) {
                assertThrows(RuntimeException.class, () -> dropout.backprop(x, wrong, 0, 0));
            }
            INDArray gradient = dropout.backprop(x, x.ulike(), 0, 0);
            assertArrayEquals(Plain.bits(dx), Plain.bits(Plain.read(gradient)), "call " + call);
        }
    }

    /** So it is where the layer refuses a rank. */
    @Test
    void refusedRanksMoveNothing() {
        StreamDropout path = new DropfuseDropPath(0.5).seeded(Plain.SEED);
        LayerWorkspaceMgr network = Plain.network();
        INDArray scalar = Nd4j.scalar(1f);
        assertTrue(
                assertThrows(
                                IllegalArgumentException.class,
                                () -> path.applyDropout(scalar, scalar, 0, 0, network))
                        .getMessage()
                        .contains("has rank 0"));
        Tensor plain = Plain.random(1, DType.FLOAT32, 64, 1);
        Tensor y = Plain.zeros(DType.FLOAT32, 64, 1);
        new DropPath(0.5).forward(plain, y, Plain.other(0, 0, 0));
        INDArray x = Plain.array(DataType.FLOAT, 'c', plain);
        INDArray out = path.applyDropout(x, x.ulike(), 0, 0, network);
        assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(out)));
        assertThrows(IllegalArgumentException.class, () -> path.backprop(scalar, scalar, 0, 0));
        path.backprop(x, x.ulike(), 0, 0);
    }

    @Test
    void anotherBackendOfNd4j() {
        assertEquals(
                "ND4J's backend is CUDA, allowed is NATIVE_CPU (nd4j-native)",
                assertThrows(
                                UnsupportedOperationException.class,
                                () -> NdArrays.host(ExecutionerType.CUDA))
                        .getMessage());
    }
}
