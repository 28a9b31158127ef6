package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.integrations.testing.Page;
import io.github.dropfuse.integrations.testing.Snippets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The Java of the moving guide's section and of this adapter's page, as it stands there. */
class GuideTest {
    private static final Snippets NETWORKS =
            new Snippets(
                    List.of(
                            "io.github.dropfuse.dl4j.*",
                            "org.deeplearning4j.nn.conf.*",
                            "org.deeplearning4j.nn.conf.inputs.InputType",
                            "org.deeplearning4j.nn.conf.layers.*",
                            "org.deeplearning4j.nn.multilayer.MultiLayerNetwork",
                            "org.nd4j.linalg.activations.Activation",
                            "org.nd4j.linalg.api.ndarray.INDArray",
                            "org.nd4j.linalg.dataset.DataSet",
                            "org.nd4j.linalg.learning.config.Adam"),
                    "DataSet batch");

    private static final Snippets TENSORS =
            new Snippets(
                    List.of(
                            "io.github.dropfuse.*",
                            "io.github.dropfuse.layer.*",
                            "org.nd4j.linalg.api.ndarray.INDArray",
                            "org.nd4j.linalg.api.shape.Shape",
                            "org.nd4j.linalg.indexing.NDArrayIndex"),
                    "INDArray array, Generator generator, double rate, double stddev");

    /** Deeplearning4j's own dropouts, and those that take their place in its networks. */
    private static final Snippets DROPOUTS =
            new Snippets(
                    List.of(
                            "io.github.dropfuse.dl4j.*",
                            "org.deeplearning4j.nn.conf.dropout.*",
                            "org.deeplearning4j.nn.conf.layers.DenseLayer",
                            "org.deeplearning4j.nn.conf.weightnoise.DropConnect"),
                    "double rate, double stddev");

    private static final Pattern RANK = Pattern.compile("rank (\\d)");

    private Page guide;

    @BeforeEach
    void read() throws IOException {
        guide =
                Page.of(Path.of("..", "..", "src", "site", "moving.md"))
                        .section("From Deeplearning4j");
    }

    @Test
    void page() throws Exception {
        List<String> blocks = Page.of(Path.of("README.md")).java();
        assertEquals(1, blocks.size());
        DataSet batch =
                new DataSet(Nd4j.ones(DataType.FLOAT, 4, 784), Nd4j.ones(DataType.FLOAT, 4, 10));
        INDArray sample = (INDArray) NETWORKS.run(blocks.getFirst() + "return sample;", batch);
        assertArrayEquals(new long[] {4, 10}, sample.shape());
    }

    @Test
    void network() throws Exception {
        assertEquals(2, guide.java().size());
        MultiLayerConfiguration conf =
                (MultiLayerConfiguration)
                        NETWORKS.run(guide.java().get(0) + "return conf;", (DataSet) null);
        assertEquals(
                new DropfuseSpatialDropout(0.2), conf.getConf(1).getLayer().getIDropout());
        assertEquals(new DropfuseDropout(0.5), conf.getConf(2).getLayer().getIDropout());
        assertEquals(
                new DropfuseDropConnect(0.2),
                ((DenseLayer) conf.getConf(2).getLayer()).getWeightNoise());
        MultiLayerNetwork network = Networks.initialised(conf);
        INDArray out = network.output(Nd4j.ones(DataType.FLOAT, 2, 1, 28, 28), true);
        assertArrayEquals(new long[] {2, 10}, out.shape());
    }

    /** What is written by way of the tensor is in the rows of the array, and nowhere else. */
    @Test
    void memoryOfAView() throws Exception {
        Tensor x = Plain.random(1, DType.FLOAT32, 8, 50);
        INDArray array = Plain.array(DataType.FLOAT, 'c', x);
        Tensor rows = Plain.read(array.get(NDArrayIndex.interval(2, 6), NDArrayIndex.all()));
        Generator generator = Generator.seeded(42);
        new Dropout(0.2).forward(rows, rows, generator.state());
        for (long i = 0; i < rows.size(); i++) {
            x.set(2 * 50 + i, rows.get(i));
        }
        TENSORS.run(guide.java().get(1) + "return null;", array, generator, 0, 0);
        assertArrayEquals(Plain.bits(x), Plain.bits(Plain.read(array)));
    }

    /**
     * What stands in one row of the table does the same. Ours has the bits of the layer on tensors
     * at the rank that is given there; theirs gives the same values where these say what p is.
     */
    @Test
    void table() throws Exception {
        String theirs = "";
        String ours = "";
        int compared = 0;
        for (List<String> row : guide.rows()) {
            if (!row.get(0).startsWith("the same")) {
                theirs = row.get(0);
            }
            if (!row.get(1).equals("the same")) {
                ours = row.get(1);
            }
            List<String> names = Page.code(ours);
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).startsWith("new ")) {
                    Matcher rank = RANK.matcher(row.get(0));
                    long[] shape = new long[rank.find() ? Integer.parseInt(rank.group(1)) : 2];
                    Arrays.fill(shape, 6);
                    IDropout dropout = (IDropout) dropout(names.get(i));
                    Layer layer =
                            (Layer)
                                    TENSORS.run(
                                            "return " + Page.code(row.get(2)).get(i) + ";",
                                            null, null, 0.3, 0.2);
                    assertSameBits((StreamDropout) dropout, layer, shape);
                    if (layer.toString().startsWith("Dropout")) {
                        String name = Page.code(theirs).getLast();
                        assertSameValues((IDropout) dropout(name), dropout, shape);
                    }
                    compared++;
                }
            }
        }
        assertEquals(7, compared);
    }

    private static Object dropout(String code) throws Exception {
        return DROPOUTS.run("return " + code + ";", 0.3, 0.2);
    }

    private static void assertSameBits(StreamDropout dropout, Layer layer, long[] shape) {
        Tensor x = Plain.random(1, DType.FLOAT32, shape);
        INDArray array = Plain.array(DataType.FLOAT, 'c', x);
        layer.forward(x, x, Plain.other(0, 0, 0));
        dropout.seeded(Plain.SEED).applyDropout(array, array, 0, 0, Plain.network());
        assertArrayEquals(Plain.bits(x), Plain.bits(Plain.read(array)), dropout.toString());
    }

    /** Of ones, dropout makes 0 and 1 / (1 - p). */
    private static void assertSameValues(IDropout theirs, IDropout ours, long[] shape) {
        Nd4j.getRandom().setSeed(1);
        assertEquals(values(ours, shape), values(theirs, shape), theirs.toString());
    }

    private static Set<Float> values(IDropout dropout, long[] shape) {
        INDArray ones = Nd4j.ones(DataType.FLOAT, shape);
        dropout.applyDropout(ones, ones, 0, 0, Plain.network());
        Set<Float> values = new TreeSet<>();
        for (float value : ones.data().asFloat()) {
            values.add(value);
        }
        return values;
    }

    @Test
    void weightNoise() throws Exception {
        List<String> row = row(".weightNoise");
        for (int cell = 0; cell < 2; cell++) {
            String builder = "new DenseLayer.Builder()" + Page.code(row.get(cell)).getFirst();
            DenseLayer layer = (DenseLayer) dropout(builder + ".build()");
            assertNotNull(layer.getWeightNoise());
        }
    }

    /** 0 means that dropout is off there, and would drop everything here if it were turned round. */
    @Test
    void zeroIsNoDropout() {
        assertEquals(
                List.of("`.dropOut(0.0)`", "no dropout", "no dropout"), row(".dropOut(0.0)"));
        assertNull(new DenseLayer.Builder().dropOut(0.0).build().getIDropout());
    }

    private List<String> row(String code) {
        return guide.rows().stream()
                .filter(row -> row.getFirst().startsWith("`" + code))
                .findFirst()
                .orElseThrow();
    }
}
