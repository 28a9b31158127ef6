package io.github.dropfuse.bench.endtoend;

import io.github.dropfuse.bench.jmh.Nd4jThreads;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Training steps in Deeplearning4j, of the networks of {@link DjlTraining}. */
final class Dl4jTraining implements Task {
    private static final double LEARNING_RATE = 1e-3;

    private final String name;
    private final Pace pace;
    private final DataSet batch;
    private final Map<Contender, ComputationGraph> networks = new EnumMap<>(Contender.class);

    private Dl4jTraining(
            String name,
            Pace pace,
            DataSet batch,
            Function<Contender, ComputationGraphConfiguration> network) {
        this.name = name;
        this.pace = pace;
        this.batch = batch;
        for (Contender contender : Dl4jDrops.contenders()) {
            ComputationGraph graph = new ComputationGraph(network.apply(contender));
            graph.init();
            networks.put(contender, graph);
        }
    }

    /** Sets ND4J up for this process. */
    static void start(int threads) {
        Nd4jThreads.set(threads);
        Nd4j.getRandom().setSeed(DjlSession.SEED);
    }

    static Dl4jTraining mlp(Function<Contender, Dl4jDrops> drops) {
        int rows = Tasks.SAMPLES * Tasks.TOKENS;
        DataSet batch = new DataSet(normal(rows, Tasks.CHANNELS), normal(rows, Tasks.CHANNELS));
        return new Dl4jTraining(
                Tasks.MLP, Pace.MLP, batch, one -> mlp(drops.apply(one)));
    }

    static Dl4jTraining digits(Function<Contender, Dl4jDrops> drops) {
        INDArray x = Nd4j.rand(DataType.FLOAT, Tasks.BATCH, 1, Tasks.SIDE, Tasks.SIDE);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, Tasks.BATCH, Tasks.CLASSES);
        for (int sample = 0; sample < Tasks.BATCH; sample++) {
            labels.putScalar(sample, sample % Tasks.CLASSES, 1);
        }
        DataSet batch = new DataSet(x, labels);
        return new Dl4jTraining(
                Tasks.DIGITS, Pace.DIGITS, batch, one -> digits(drops.apply(one)));
    }

    private static ComputationGraphConfiguration mlp(Dl4jDrops drops) {
        GraphBuilder graph = builder(InputType.feedForward(Tasks.CHANNELS));
        DenseLayer.Builder wide = new DenseLayer.Builder().nOut(Tasks.HIDDEN);
        graph.addLayer("wide", wide.activation(Activation.GELU).build(), "x");
        DenseLayer.Builder narrow = new DenseLayer.Builder().nOut(Tasks.CHANNELS);
        narrow.activation(Activation.IDENTITY).dropOut(drops.dropout(Tasks.MLP_P));
        graph.addLayer("narrow", narrow.build(), "wide");
        String branch = dropped(graph, "narrow", drops.dropout(Tasks.MLP_P));
        graph.addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), branch, "x");
        LossLayer.Builder loss = new LossLayer.Builder(LossFunction.MSE);
        graph.addLayer("loss", loss.activation(Activation.IDENTITY).build(), "sum");
        return graph.setOutputs("loss").build();
    }

    private static ComputationGraphConfiguration digits(Dl4jDrops drops) {
        GraphBuilder graph = builder(InputType.convolutional(Tasks.SIDE, Tasks.SIDE, 1));
        graph.addLayer("stem", convolution(Activation.RELU).build(), "x");
        graph.addLayer(
                "pool",
                new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                        .build(),
                "stem");
        String residual = "pool";
        for (double rate : Tasks.dropPathRates()) {
            String block = block(rate);
            graph.addLayer(block + "a", convolution(Activation.RELU).build(), residual);
            ConvolutionLayer.Builder second = convolution(Activation.IDENTITY);
            second.dropOut(drops.dropout(Tasks.DIGITS_P));
            graph.addLayer(block + "b", second.build(), block + "a");
            String branch = dropped(graph, block + "b", drops.dropPath(rate));
            graph.addVertex(block, drops.sum(rate), branch, residual);
            residual = block + "relu";
            graph.addLayer(
                    residual,
                    new ActivationLayer.Builder().activation(Activation.RELU).build(),
                    block);
        }
        DenseLayer.Builder dense = new DenseLayer.Builder().nOut(Tasks.UNITS);
        graph.addLayer("dense", dense.activation(Activation.RELU).build(), residual);
        OutputLayer.Builder output = new OutputLayer.Builder(LossFunction.MCXENT);
        output.nOut(Tasks.CLASSES).activation(Activation.SOFTMAX);
        output.dropOut(drops.dropout(Tasks.DIGITS_P));
        graph.addLayer("loss", output.build(), "dense");
        return graph.setOutputs("loss").build();
    }

    /** A layer's output after a dropout, if there is one. */
    private static String dropped(GraphBuilder graph, String layer, IDropout dropout) {
        if (dropout == null) {
            return layer;
        }
        String name = layer + "dropped";
        graph.addLayer(name, new DropoutLayer.Builder(dropout).build(), layer);
        return name;
    }

    private static ConvolutionLayer.Builder convolution(Activation activation) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(Tasks.FILTERS)
                .convolutionMode(ConvolutionMode.Same)
                .activation(activation);
    }

    private static GraphBuilder builder(InputType input) {
        return new NeuralNetConfiguration.Builder()
                .seed(DjlSession.SEED)
                .updater(new Sgd(LEARNING_RATE))
                .weightInit(WeightInit.XAVIER)
                .graphBuilder()
                .addInputs("x")
                .setInputTypes(input);
    }

    /** The name of a residual block's sum; its branch ends at the same name and "b". */
    static String block(double rate) {
        return "block" + rate;
    }

    private static INDArray normal(int rows, int columns) {
        return Nd4j.randn(DataType.FLOAT, rows, columns);
    }

    ComputationGraph network(Contender contender) {
        return networks.get(contender);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Contender> contenders() {
        return Dl4jDrops.contenders();
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public void call(Contender contender) {
        networks.get(contender).fit(batch);
    }

    @Override
    public void close() {
        networks.values().forEach(ComputationGraph::close);
    }
}
