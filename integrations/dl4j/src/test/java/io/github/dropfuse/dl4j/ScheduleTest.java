package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.GaussianNoise;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** p follows a schedule, in both passes, and the stream stays the same. */
class ScheduleTest {
    @Test
    void pIsThatOfTheIterationOrEpoch() {
        ISchedule iterations = new StepSchedule(ScheduleType.ITERATION, 0.8, 0.5, 10);
        ISchedule epochs =
                new MapSchedule.Builder(ScheduleType.EPOCH).add(0, 0.1).add(2, 0.6).build();
        Tensor x = Plain.random(1, DType.FLOAT32, 16, 16);
        for (int i = 0; i < 40; i += 7) {
            check(new DropfuseDropout(iterations), 0.8 * Math.pow(0.5, i / 10), x, i, 0);
            check(new DropfuseDropout(epochs), i / 7 < 2 ? 0.1 : 0.6, x, i, i / 7);
        }
    }

    private static void check(
            DropfuseDropout unseeded, double p, Tensor x, int iteration, int epoch) {
        StreamDropout dropout = unseeded.seeded(Plain.SEED);
        Tensor y = Plain.zeros(DType.FLOAT32, 16, 16);
        new Dropout(p).forward(x, y, Plain.other(0, iteration, 0));
        INDArray array = Plain.array(DataType.FLOAT, 'c', x);
        dropout.applyDropout(array, array, iteration, epoch, Plain.network());
        assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(array)));
        new Dropout(p).backward(y, y, Plain.other(0, iteration, 0));
        dropout.backprop(array, array, iteration, epoch);
        assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(array)));
    }

    @Test
    void sigmaFollowsOneToo() {
        Tensor x = Plain.random(1, DType.FLOAT32, 4, 4);
        Tensor y = Plain.zeros(DType.FLOAT32, 4, 4);
        new GaussianNoise(0.5).forward(x, y, Plain.other(0, 1, 0));
        INDArray array = Plain.array(DataType.FLOAT, 'c', x);
        new DropfuseGaussianNoise(new StepSchedule(ScheduleType.ITERATION, 1, 0.5, 1))
                .seeded(Plain.SEED)
                .applyDropout(array, array, 1, 0, Plain.network());
        assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(array)));
    }

    @Test
    void aScheduleThatLeavesTheRangeIsAnErrorAtThatStep() {
        DropfuseDropout dropout =
                new DropfuseDropout(new StepSchedule(ScheduleType.ITERATION, 0.5, 4, 1));
        INDArray array = Plain.array(DataType.FLOAT, 'c', Plain.random(1, DType.FLOAT32, 4, 4));
        dropout.applyDropout(array, array, 0, 0, Plain.network());
        assertEquals(
                "p is 2.0, allowed are 0 to 1",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> dropout.applyDropout(array, array, 1, 0, Plain.network()))
                        .getMessage());
    }
}
