package io.github.dropfuse.dl4j;

import io.github.dropfuse.integrations.testing.Rounds;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Both passes of dropout beside Deeplearning4j's own, which keeps 0.9 where ours drops 0.1. */
final class DropoutBench {
    private static final int ROUNDS = 31;
    private static final long ELEMENTS = 2_000_000;

    private DropoutBench() {}

    public static void main(String[] arguments) throws IOException {
        for (long[] shape : new long[][] {{64, 256}, {32, 197, 768}}) {
            System.out.println(Arrays.toString(shape) + ", microseconds");
            INDArray x = Nd4j.rand(DataType.FLOAT, shape);
            Map<String, Runnable> ways = new LinkedHashMap<>();
            put(ways, "Deeplearning4j's", new Dropout(0.9), x);
            put(ways, "Dropfuse's", new DropfuseDropout(0.1), x);
            Rounds.print(ways, ROUNDS, (int) Math.max(1, ELEMENTS / x.length()));
        }
    }

    private static void put(
            Map<String, Runnable> ways, String whose, IDropout dropout, INDArray x) {
        INDArray y = x.ulike();
        INDArray dx = x.ulike();
        LayerWorkspaceMgr network = Plain.network();
        ways.put(
                whose + ", forward",
                () -> {
                    dropout.clear();
                    dropout.applyDropout(x, y, 0, 0, network);
                });
        ways.put(
                whose + ", forward and backward",
                () -> {
                    dropout.applyDropout(x, y, 0, 0, network);
                    dropout.backprop(x, dx, 0, 0);
                });
    }
}
