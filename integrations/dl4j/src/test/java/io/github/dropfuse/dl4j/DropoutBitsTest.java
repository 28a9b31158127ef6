package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.Scaling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Each dropout gives the bits that its layer gives on plain arrays, on arrays of any kind. */
class DropoutBitsTest {
    /** A dropout, the layer that it should equal, and a shape. */
    record Case(StreamDropout dropout, Layer plain, long... shape) {
        @Override
        public String toString() {
            return dropout + " " + Arrays.toString(shape);
        }
    }

    /** How an array lies in memory. */
    enum Kind {
        C,
        F,
        /** Part of a larger array, behind an offset and with gaps. */
        VIEW,
        /** Part of a larger array, behind an offset, without gaps. */
        DENSE_VIEW,
        TRANSPOSED;

        INDArray make(Tensor from, DataType type) {
            long[] shape = from.shape();
            return switch (this) {
                case C -> Plain.array(type, 'c', from);
                case F -> Plain.array(type, 'f', from);
                case VIEW -> {
                    long[] larger = Arrays.stream(shape).map(n -> n + 3).toArray();
                    INDArrayIndex[] part =
                            Arrays.stream(shape)
                                    .mapToObj(n -> NDArrayIndex.interval(2, n + 2))
                                    .toArray(INDArrayIndex[]::new);
                    yield Plain.fill(Nd4j.create(type, larger, 'c').get(part), from);
                }
                case DENSE_VIEW -> {
                    long[] larger = shape.clone();
                    larger[0] += 3;
                    yield Plain.fill(
                            Nd4j.create(type, larger, 'c')
                                    .get(NDArrayIndex.interval(2, shape[0] + 2)),
                            from);
                }
                case TRANSPOSED -> {
                    long[] reversed = new long[shape.length];
                    int[] dimensions = new int[shape.length];
                    for (int d = 0; d < shape.length; d++) {
                        reversed[d] = shape[shape.length - 1 - d];
                        dimensions[d] = shape.length - 1 - d;
                    }
                    yield Plain.fill(Nd4j.create(type, reversed, 'c').permute(dimensions), from);
                }
            };
        }
    }

    static List<Case> cases() {
        double p = 0.3;
        Channels last = Channels.LAST;
        Scaling scaling = Scaling.IN_TRAINING;
        return List.of(
                new Case(new DropfuseDropout(p), new Dropout(p), 5, 33),
                new Case(new DropfuseDropout(p), new Dropout(p), 3, 4, 5, 6),
                new Case(new DropfuseDropout(0), new Dropout(0), 5, 33),
                new Case(new DropfuseDropout(1), new Dropout(1), 5, 33),
                new Case(new DropfuseAlphaDropout(p), new AlphaDropout(p), 5, 33),
                new Case(new DropfuseGaussianDropout(p), new GaussianDropout(p), 5, 33),
                new Case(new DropfuseGaussianNoise(0.2), new GaussianNoise(0.2), 5, 33),
                new Case(new DropfuseDropPath(p), new DropPath(p), 17, 4, 3),
                new Case(new DropfuseSpatialDropout(p), new Dropout1d(p), 4, 5, 7),
                new Case(new DropfuseSpatialDropout(p), new Dropout2d(p), 4, 5, 3, 2),
                new Case(new DropfuseSpatialDropout(p), new Dropout3d(p), 4, 5, 2, 3, 2),
                new Case(
                        new DropfuseSpatialDropout(p, last),
                        new Dropout1d(p, last, scaling),
                        4, 7, 5),
                new Case(
                        new DropfuseSpatialDropout(p, last),
                        new Dropout2d(p, last, scaling),
                        4, 3, 2, 5));
    }

    static List<Object[]> kinds() {
        List<Object[]> kinds = new ArrayList<>();
        for (Case of : cases()) {
            for (DataType type :
                    List.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16)) {
                for (Kind in : Kind.values()) {
                    kinds.add(new Object[] {of, type, in, Kind.C});
                    kinds.add(new Object[] {of, type, Kind.C, in});
                }
                kinds.add(new Object[] {of, type, Kind.F, Kind.F});
                kinds.add(new Object[] {of, type, Kind.VIEW, Kind.TRANSPOSED});
            }
        }
        return kinds;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void bothPassesGiveTheBitsOfPlainArrays(Case of, DataType type, Kind in, Kind out) {
        DType dtype = Plain.dtype(type);
        Tensor x = Plain.random(1, dtype, of.shape());
        Tensor dy = Plain.random(2, dtype, of.shape());
        Tensor y = Plain.zeros(dtype, of.shape());
        Tensor dx = Plain.zeros(dtype, of.shape());
        PhiloxState state = Plain.other(0, 7, 0);
        of.plain().forward(x, y, state);
        of.plain().backward(dy, dx, state);

        StreamDropout dropout = of.dropout().seeded(Plain.SEED);
        INDArray given = in.make(x, type);
        INDArray result = out.make(Plain.random(3, dtype, of.shape()), type);
        assertSame(result, dropout.applyDropout(given, result, 7, 0, Plain.network()));
        assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(result)));
        assertArrayEquals(Plain.bits(x), Plain.bits(Plain.read(given)), "the input");

        INDArray gradient = out.make(dy, type);
        INDArray target = in.make(Plain.random(4, dtype, of.shape()), type);
        assertSame(target, dropout.backprop(gradient, target, 7, 0));
        assertArrayEquals(Plain.bits(dx), Plain.bits(Plain.read(target)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void inPlaceGivesTheSameBits(Case of) {
        for (Kind kind : Kind.values()) {
            Tensor x = Plain.random(1, DType.FLOAT32, of.shape());
            Tensor y = Plain.zeros(DType.FLOAT32, of.shape());
            of.plain().forward(x, y, Plain.other(0, 0, 0));
            INDArray array = kind.make(x, DataType.FLOAT);
            StreamDropout dropout = of.dropout().seeded(Plain.SEED);
            dropout.applyDropout(array, array, 0, 0, Plain.network());
            assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(array)), kind.name());
            of.plain().backward(y, y, Plain.other(0, 0, 0));
            dropout.backprop(array, array, 0, 0);
            assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(array)), kind.name());
        }
    }

    @Test
    void anElementOutsideOfAViewIsNotWritten() {
        INDArray whole = Nd4j.ones(DataType.FLOAT, 8, 9);
        INDArray part = whole.get(NDArrayIndex.interval(2, 5), NDArrayIndex.interval(3, 7));
        new DropfuseDropout(1).applyDropout(part, part, 0, 0, Plain.network());
        assertArrayEquals(new double[] {8 * 9 - 3 * 4, 0},
                new double[] {whole.sumNumber().doubleValue(), part.sumNumber().doubleValue()});
    }

    @Test
    void anInputOfAnotherTypeIsConvertedFirst() {
        Tensor x = Plain.random(1, DType.FLOAT64, 5, 33);
        INDArray given = Plain.array(DataType.DOUBLE, 'f', x);
        Tensor converted = Plain.read(given.castTo(DataType.FLOAT));
        Tensor y = Plain.zeros(DType.FLOAT32, 5, 33);
        new Dropout(0.3).forward(converted, y, Plain.other(0, 0, 0));
        INDArray result = Nd4j.create(DataType.FLOAT, 5, 33);
        new DropfuseDropout(0.3)
                .seeded(Plain.SEED)
                .applyDropout(given, result, 0, 0, Plain.network());
        assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(result)));
    }

    @Test
    void emptyAndRankZeroArraysAreFine() {
        INDArray empty = Nd4j.create(DataType.FLOAT, 0, 4);
        assertSame(
                empty,
                new DropfuseDropout(0.5).applyDropout(empty, empty, 0, 0, Plain.network()));
        INDArray scalar = Nd4j.scalar(DataType.FLOAT, 3);
        new DropfuseDropout(0).applyDropout(scalar, scalar, 0, 0, Plain.network());
        assertArrayEquals(new float[] {3}, new float[] {scalar.getFloat(0)});
    }

    @Test
    void aDroppedNaNIsGoneInBothPasses() {
        INDArray nan = Nd4j.valueArrayOf(new long[] {4, 4}, Double.NaN, DataType.FLOAT);
        DropfuseDropout all = new DropfuseDropout(1);
        all.applyDropout(nan, nan, 0, 0, Plain.network());
        assertArrayEquals(new float[16], nan.dup().data().asFloat());
    }

    @Test
    void theNextCallHasAnotherMask() {
        INDArray ones = Nd4j.ones(DataType.FLOAT, 8, 8);
        DropfuseDropout dropout = new DropfuseDropout(0.5);
        INDArray first = dropout.applyDropout(ones, ones.ulike(), 0, 0, Plain.network());
        INDArray second = dropout.applyDropout(ones, ones.ulike(), 0, 0, Plain.network());
        assertNotEquals(first, second);
    }
}
