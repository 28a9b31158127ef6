package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Drop probabilities over depth and over time. */
class ScheduleTest {
    @Test
    void lastRateIsExact() {
        for (double rate : new double[] {0, 0.1, 0.2, 0.3, 1.0 / 3, 0.7, 1}) {
            for (int depth = 2; depth <= 100; depth++) {
                double[] linear = DepthRates.linear(rate, depth);
                assertEquals(depth, linear.length);
                assertEquals(0.0, linear[0]);
                assertEquals(rate, linear[depth - 1]);
                for (int block = 0; block < depth; block++) {
                    assertEquals(rate * ((double) block / (depth - 1)), linear[block]);
                    assertEquals(rate, DepthRates.uniform(rate, depth)[block]);
                }
            }
        }
    }

    @Test
    void stagesShareARate() {
        assertArrayEquals(
                new double[] {0, 0, 0.1, 0.1, 0.1, 0.2}, DepthRates.stagewise(0.2, 2, 3, 1));
        assertEquals(0.1, DepthRates.stagewise(0.1, 3, 3, 9, 3)[17]);
    }

    @Test
    void aSingleBlockIsNeverDropped() {
        assertArrayEquals(new double[] {0}, DepthRates.linear(0.3, 1));
        assertArrayEquals(new double[] {0, 0}, DepthRates.stagewise(0.3, 2));
        assertArrayEquals(new double[] {0.3}, DepthRates.uniform(0.3, 1));
    }

    @Test
    void refusesBadDepthsAndRates() {
        refuses("depth is 0, allowed are 1 to 2^31 - 1", () -> DepthRates.linear(0.1, 0));
        refuses("depth is -2, allowed are 1 to 2^31 - 1", () -> DepthRates.uniform(0.1, -2));
        refuses("depth is 0, allowed are 1 to 2^31 - 1", () -> DepthRates.stagewise(0.1));
        refuses("depth is 0, allowed are 1 to 2^31 - 1", () -> DepthRates.stagewise(0.1, 1, 0));
        refuses("rate is 1.1, allowed are 0 to 1", () -> DepthRates.linear(1.1, 2));
        refuses("rate is NaN, allowed are 0 to 1", () -> DepthRates.uniform(Double.NaN, 2));
        refuses("rate is -0.1, allowed are 0 to 1", () -> DepthRates.stagewise(-0.1, 2));
    }

    @Test
    void changesWithTheStep() {
        Schedule constant = Schedule.constant(0.3);
        Schedule linear = Schedule.linear(0, 0.2, 10);
        Schedule step = Schedule.step(0.8, 0.5, 100);
        Schedule exponential = Schedule.exponential(0.9, 0.99);
        assertEquals(0.3, constant.p(Long.MAX_VALUE));
        assertEquals(0.0, linear.p(0));
        assertEquals(0.1, linear.p(5));
        assertEquals(0.2, linear.p(10));
        assertEquals(0.2, linear.p(Long.MAX_VALUE));
        assertEquals(0.8, step.p(99));
        assertEquals(0.4, step.p(100));
        assertEquals(0.2, step.p(299));
        assertEquals(0.9 * (0.99 * 0.99), exponential.p(2));
        assertEquals(0.0, exponential.p(Long.MAX_VALUE));
        assertEquals(0.25, Schedule.linear(0.5, 0, 4).p(2));
    }

    @Test
    void isAValue() {
        assertEquals(Schedule.step(0.5, 0.1, 3), Schedule.step(0.5, 0.1, 3));
        assertEquals("Linear[from=0.0, to=0.5, steps=7]", Schedule.linear(0, 0.5, 7).toString());
    }

    @Test
    void refusesBadParameters() {
        refuses("p is -0.1, allowed are 0 to 1", () -> Schedule.constant(-0.1));
        refuses("to is 1.5, allowed are 0 to 1", () -> Schedule.linear(0, 1.5, 1));
        refuses("from is NaN, allowed are 0 to 1", () -> Schedule.linear(Double.NaN, 1, 1));
        refuses("steps is 0, allowed are 1 to 2^63 - 1", () -> Schedule.linear(0, 1, 0));
        refuses("every is 0, allowed are 1 to 2^63 - 1", () -> Schedule.step(0.5, 0.5, 0));
        refuses("factor is 1.01, allowed are 0 to 1", () -> Schedule.exponential(0.5, 1.01));
        refuses("initial is 2.0, allowed are 0 to 1", () -> Schedule.step(2, 0.5, 1));
        refuses("factor is -0.5, allowed are 0 to 1", () -> Schedule.step(0.5, -0.5, 1));
        refuses("initial is 2.0, allowed are 0 to 1", () -> Schedule.exponential(2, 0.5));
        for (Schedule schedule :
                new Schedule[] {
                    Schedule.constant(0.1), Schedule.linear(0, 1, 5), Schedule.step(0.5, 0.5, 2),
                    Schedule.exponential(0.5, 0.5)
                }) {
            refuses("step is -1, allowed are 0 to 2^63 - 1", () -> schedule.p(-1));
        }
    }

    @Test
    void takesTheLeastParameters() {
        assertEquals(0.75, Schedule.linear(0.25, 0.75, 1).p(1));
        assertEquals(0.125, Schedule.step(0.5, 0.5, 1).p(2));
    }

    /** A layer that follows a schedule keeps its stream: what a lower p drops, a higher one does. */
    @Test
    void keepsTheLayersStream() {
        PhiloxState state = new PhiloxState(5, 6);
        Schedule schedule = Schedule.linear(0, 1, 8);
        Dropout dropout = new Dropout(0.1, Scaling.NONE);
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, 5000);
            Mask before = dropout.withP(0).mask(arena, x, state);
            for (long step = 0; step <= 8; step++) {
                Dropout layer = dropout.withP(schedule.p(step));
                assertEquals(Scaling.NONE, layer.scaling());
                Mask mask = layer.mask(arena, x, state);
                assertEquals(5000 * (1 - step / 8.0), mask.kept(), 180);
                for (long i = 0; i < x.size(); i++) {
                    assertTrue(before.keeps(i) || !mask.keeps(i));
                }
                before = mask;
            }
            DropPath path = new DropPath(0.5, DropPath.Mode.BATCH, Scaling.NONE).withP(0.25);
            assertEquals("DropPath[p=0.25, mode=BATCH, scaling=NONE]", path.toString());
            assertEquals(
                    "[Dropout1d[p=0.25, channels=LAST, scaling=NONE], Dropout2d[p=0.25,"
                            + " channels=LAST, scaling=NONE], Dropout3d[p=0.25, channels=LAST,"
                            + " scaling=NONE]]",
                    List.of(
                                    new Dropout1d(0.5, Channels.LAST, Scaling.NONE).withP(0.25),
                                    new Dropout2d(0.5, Channels.LAST, Scaling.NONE).withP(0.25),
                                    new Dropout3d(0.5, Channels.LAST, Scaling.NONE).withP(0.25))
                            .toString());
            assertEquals(
                    new FeatureAlphaDropout(0.25, 2, Channels.LAST).toString(),
                    new FeatureAlphaDropout(0.5, 2, Channels.LAST).withP(0.25).toString());
            assertEquals(
                    new AlphaDropout(0.25, Units.batch()).toString(),
                    new AlphaDropout(0.5, Units.batch()).withP(0.25).toString());
        }
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
