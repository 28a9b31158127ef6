package dl4jdigits;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Training, at once or with an interruption. */
final class Training {
    private Training() {}

    static void train(ComputationGraph network, List<DataSet> batches, int epochs) {
        for (int epoch = 0; epoch < epochs; epoch++) {
            batches.forEach(network::fit);
        }
    }

    /** Weights after so many epochs. */
    static float[] uninterrupted(Regulariser regulariser, List<DataSet> batches, int epochs) {
        ComputationGraph network = Network.create(regulariser, 1);
        train(network, batches, epochs);
        return weights(network);
    }

    /** The same with the network saved and restored half-way. */
    static float[] resumed(Regulariser regulariser, List<DataSet> batches, int epochs) {
        ComputationGraph network = Network.create(regulariser, 1);
        train(network, batches, epochs / 2);
        byte[] saved = save(network);
        // A new process would not have Deeplearning4j's random numbers where they were, either.
        Nd4j.getRandom().setSeed(999);
        ComputationGraph restored = restore(saved);
        train(restored, batches, epochs - epochs / 2);
        return weights(restored);
    }

    static float[] weights(ComputationGraph network) {
        return network.params().toFloatVector();
    }

    private static byte[] save(ComputationGraph network) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            ModelSerializer.writeModel(network, file, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    private static ComputationGraph restore(byte[] file) {
        try {
            return ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
