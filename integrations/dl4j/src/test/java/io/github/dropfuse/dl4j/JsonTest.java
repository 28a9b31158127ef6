package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dropfuse.layer.Channels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Configurations come back from JSON, YAML and Java's serialisation as they were. */
class JsonTest {
    private static final ISchedule SCHEDULE = new StepSchedule(ScheduleType.ITERATION, 0.5, 0.1, 5);

    static List<StreamDropout> dropouts() {
        return List.of(
                new DropfuseDropout(0.25),
                new DropfuseDropout(0.25).seeded(-1),
                new DropfuseDropout(SCHEDULE),
                new DropfuseSpatialDropout(0.25),
                new DropfuseSpatialDropout(0.25, Channels.LAST).seeded(Long.MAX_VALUE),
                new DropfuseSpatialDropout(SCHEDULE, Channels.LAST),
                new DropfuseAlphaDropout(0.25),
                new DropfuseAlphaDropout(SCHEDULE),
                new DropfuseGaussianDropout(0.25),
                new DropfuseGaussianDropout(SCHEDULE),
                new DropfuseGaussianNoise(0.25),
                new DropfuseGaussianNoise(SCHEDULE),
                new DropfuseDropPath(0.25),
                new DropfuseDropPath(SCHEDULE));
    }

    private static MultiLayerConfiguration conf(StreamDropout dropout, DropfuseDropConnect noise) {
        return Networks.builder(1)
                .list()
                .layer(new DropoutLayer.Builder(dropout).build())
                .layer(new DenseLayer.Builder().nIn(4).nOut(4).weightNoise(noise).build())
                .build();
    }

    @ParameterizedTest
    @MethodSource("dropouts")
    void aDropoutComesBackAtItsPlace(StreamDropout dropout) {
        INDArray ones = Nd4j.ones(DataType.FLOAT, 8, 4, 3);
        dropout.applyDropout(ones, ones.ulike(), 3, 0, Plain.network());
        MultiLayerConfiguration conf = conf(dropout, new DropfuseDropConnect(0.1));
        for (MultiLayerConfiguration back :
                List.of(
                        MultiLayerConfiguration.fromJson(conf.toJson()),
                        MultiLayerConfiguration.fromYaml(conf.toYaml()),
                        serialised(conf),
                        conf.clone())) {
            StreamDropout restored = (StreamDropout) back.getConf(0).getLayer().getIDropout();
            assertEquals(conf, back);
            assertEquals(dropout, restored);
            assertEquals(dropout.hashCode(), restored.hashCode());
            assertEquals(dropout.toString(), restored.toString());
            // Each is asked in the order in which they were made, so for the same call.
            StreamDropout here = dropout.clone();
            assertEquals(
                    here.applyDropout(ones, ones.ulike(), 3, 0, null),
                    restored.applyDropout(ones, ones.ulike(), 3, 0, null));
            assertEquals(
                    here.applyDropout(ones, ones.ulike(), 4, 0, null),
                    restored.applyDropout(ones, ones.ulike(), 4, 0, null));
        }
    }

    @Test
    void dropConnectComesBack() {
        for (DropfuseDropConnect noise :
                List.of(
                        new DropfuseDropConnect(0.25),
                        new DropfuseDropConnect(0.25, true).seeded(7),
                        new DropfuseDropConnect(SCHEDULE, true))) {
            MultiLayerConfiguration conf = conf(new DropfuseDropout(0.1), noise);
            MultiLayerConfiguration back = MultiLayerConfiguration.fromJson(conf.toJson());
            assertEquals(conf, back);
            assertEquals(
                    noise, ((DenseLayer) back.getConf(1).getLayer()).getWeightNoise());
        }
    }

    @Test
    void aVertexComesBack() {
        for (DropfuseDropPathVertex vertex :
                List.of(
                        new DropfuseDropPathVertex(0.25),
                        new DropfuseDropPathVertex(0.25).seeded(7),
                        new DropfuseDropPathVertex(SCHEDULE))) {
            ComputationGraphConfiguration conf = DropPathVertexTest.conf(vertex);
            ComputationGraphConfiguration back =
                    ComputationGraphConfiguration.fromJson(conf.toJson());
            assertEquals(conf, back);
            assertEquals(vertex, back.getVertices().get("sum"));
            assertEquals(vertex.hashCode(), back.getVertices().get("sum").hashCode());
        }
    }

    @Test
    void schedulesOfEveryKindComeBack() {
        MapSchedule map =
                new MapSchedule.Builder(ScheduleType.EPOCH).add(0, 0.1).add(3, 0.2).build();
        MultiLayerConfiguration conf =
                conf(new DropfuseDropout(map), new DropfuseDropConnect(0.1));
        MultiLayerConfiguration back = MultiLayerConfiguration.fromJson(conf.toJson());
        assertEquals(new DropfuseDropout(map), back.getConf(0).getLayer().getIDropout());
    }

    @Test
    void whatDiffersIsNotEqual() {
        List<StreamDropout> all = dropouts();
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < all.size(); j++) {
                assertEquals(i == j, all.get(i).equals(all.get(j)), i + " and " + j);
            }
        }
        assertNotEquals(new DropfuseDropout(0.2), new DropfuseDropout(0.25));
        assertNotEquals(new DropfuseDropConnect(0.2), new DropfuseDropConnect(0.2, true));
        assertFalse(new DropfuseDropPathVertex(0.2).equals(new DropfuseDropPathVertex(0.25)));
    }

    private static MultiLayerConfiguration serialised(MultiLayerConfiguration conf) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(conf);
            }
            ByteArrayInputStream in = new ByteArrayInputStream(bytes.toByteArray());
            return (MultiLayerConfiguration) new ObjectInputStream(in).readObject();
        } catch (IOException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
