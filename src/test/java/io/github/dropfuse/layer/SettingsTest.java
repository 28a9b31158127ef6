package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What layers are made of, and what is left of it in the layers that are made from others. */
class SettingsTest {
    private static final Execution SEQUENTIAL = Execution.automatic().sequential();

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.CatalogueTest#layers")
    void anotherExecutionIsAllThatChanges(LayerType type) {
        long[] shape = CatalogueTest.shape(type);
        Layer layer = CatalogueTest.random(type, new SplittableRandom(2), shape);
        assertSame(Execution.automatic(), layer.execution());
        Layer other = layer.with(SEQUENTIAL);
        assertSame(SEQUENTIAL, other.execution());
        assertSame(layer.getClass(), other.getClass());
        assertEquals(layer.toString(), other.toString());
    }

    @Test
    void anotherProbabilityIsAllThatChanges() {
        Units units = Units.noiseShape(-1, 1);
        assertEquals(
                "Dropout[p=0.25, scaling=NONE, units=noise shape [-1, 1]]",
                new Dropout(0.5, Scaling.NONE, units).withP(0.25).toString());
        assertEquals(
                "DropPath[p=0.25, mode=BATCH, scaling=AT_INFERENCE]",
                new DropPath(0.5, DropPath.Mode.BATCH, Scaling.AT_INFERENCE)
                        .withP(0.25)
                        .toString());
        assertEquals(
                "Dropout1d[p=0.25, channels=LAST, scaling=NONE]",
                new Dropout1d(0.5, Channels.LAST, Scaling.NONE).withP(0.25).toString());
        assertEquals(
                "Dropout2d[p=0.25, channels=LAST, scaling=NONE]",
                new Dropout2d(0.5, Channels.LAST, Scaling.NONE).withP(0.25).toString());
        assertEquals(
                "Dropout3d[p=0.25, channels=LAST, scaling=NONE]",
                new Dropout3d(0.5, Channels.LAST, Scaling.NONE).withP(0.25).toString());
        assertEquals(
                "AlphaDropout[p=0.25, units=noise shape [-1, 1]]",
                new AlphaDropout(0.5, units).withP(0.25).toString());
        assertEquals(
                "FeatureAlphaDropout[p=0.25, units=channels last]",
                new FeatureAlphaDropout(0.5, 2, Channels.LAST).withP(0.25).toString());
        assertEquals("GaussianDropout[p=0.25]", new GaussianDropout(0.5).withP(0.25).toString());
        assertEquals(
                "Zoneout[p=0.25, units=noise shape [-1, 1]]",
                new Zoneout(0.5, units).withP(0.25).toString());
        assertEquals(
                "DropBlock3d[p=0.25, blockSize=3, centres=EVERYWHERE, factor=NONE,"
                        + " sharedByChannels=true]",
                new DropBlock(3, 0.5, 3)
                        .with(DropBlock.Centres.EVERYWHERE)
                        .with(DropBlock.Factor.NONE)
                        .sharedByChannels(true)
                        .withP(0.25)
                        .toString());
        for (Layer layer :
                List.of(
                        new Dropout(0.5).with(SEQUENTIAL).withP(0.25),
                        new DropPath(0.5).with(SEQUENTIAL).withP(0.25),
                        new Dropout1d(0.5).with(SEQUENTIAL).withP(0.25),
                        new Dropout2d(0.5).with(SEQUENTIAL).withP(0.25),
                        new Dropout3d(0.5).with(SEQUENTIAL).withP(0.25),
                        new AlphaDropout(0.5).with(SEQUENTIAL).withP(0.25),
                        new FeatureAlphaDropout(0.5).with(SEQUENTIAL).withP(0.25),
                        new GaussianDropout(0.5).with(SEQUENTIAL).withP(0.25),
                        new DropBlock(2, 0.5, 3).with(SEQUENTIAL).withP(0.25))) {
            assertSame(SEQUENTIAL, layer.execution(), layer::toString);
        }
    }

    @Test
    void layersTellTheirSettings() {
        assertEquals("samples", Units.samples().toString());
        assertEquals("GaussianNoise[sigma=0.5]", new GaussianNoise(0.5).toString());
        assertEquals(0.5, new GaussianNoise(0.5).sigma());
        assertEquals(Double.MAX_VALUE, new GaussianNoise(Double.MAX_VALUE).sigma());
        assertEquals(0.2, new GaussianDropout(0.2).p());
        assertEquals(0.5, new GaussianDropout(0.2).sigma());
        assertEquals(0.2, new AlphaDropout(0.2).p());
        DropBlock blocks = new DropBlock(2, 0.2, 3).with(DropBlock.Factor.NONE);
        assertEquals(0.2, blocks.p());
        assertEquals(3, blocks.blockSize());
        assertEquals(DropBlock.Factor.NONE, blocks.factor());
        DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(0.2));
        assertEquals(0.2, dropoutAdd.dropout().p());
        assertEquals("DropoutAdd[" + new Dropout(0.2) + "]", dropoutAdd.toString());
        DropPathAdd dropPathAdd = new DropPathAdd(new DropPath(0.2));
        assertEquals(0.2, dropPathAdd.dropPath().p());
        assertEquals("DropPathAdd[" + new DropPath(0.2) + "]", dropPathAdd.toString());
        for (Scaling scaling : Scaling.values()) {
            assertEquals(scaling, new Dropout2d(0.2, Channels.FIRST, scaling).scaling());
        }
    }

    /** The constants of SELU's dropout, against its published formulas. */
    @Test
    void alphaDropoutTellsItsConstants() {
        double p = 0.25;
        double alpha = -1.7580993408473766;
        AlphaDropout layer = new AlphaDropout(p);
        double scale = 1 / Math.sqrt((1 - p) * (1 + p * alpha * alpha));
        assertEquals(scale, layer.trainingScale(), Math.ulp(scale));
        assertEquals(-scale * alpha * p, layer.shift(), Math.ulp(layer.shift()));
        assertEquals(
                scale * alpha * (1 - p), layer.droppedValue(), 4 * Math.ulp(layer.droppedValue()));
    }

    @Test
    void executionsAreEqualOnEqualThreadsAndBackends() {
        Execution automatic = Execution.automatic();
        Executor executor = Thread::startVirtualThread;
        Execution over = automatic.over(executor, 2);
        assertEquals(over, automatic.over(executor, 2));
        assertEquals(over.hashCode(), automatic.over(executor, 2).hashCode());
        assertNotEquals(over.hashCode(), automatic.over(executor, 3).hashCode());
        assertNotEquals(over, automatic.over(executor, 3));
        assertNotEquals(over, automatic.over(Runnable::run, 2));
        assertNotEquals(over, automatic);
        assertNotEquals(automatic, SEQUENTIAL);
        assertNotEquals(automatic, automatic.on(Backends.reference()));
        assertEquals(automatic.on(Backends.reference()), automatic.on(Backends.reference()));
        assertEquals(SEQUENTIAL, automatic.sequential());
        assertNotEquals(automatic, "automatic");
        assertEquals(
                "helpers is -1, allowed are 0 to 2^31 - 1",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> automatic.over(executor, -1))
                        .getMessage());
        assertEquals(automatic.over(executor, 0), automatic.over(executor, 0));
    }
}
