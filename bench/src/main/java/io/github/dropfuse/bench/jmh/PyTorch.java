package io.github.dropfuse.bench.jmh;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Locale;

/** PyTorch as DJL brings it, set to a number of threads before it starts. */
public final class PyTorch {
    private static final String NAME = "PyTorch";

    private PyTorch() {}

    /**
     * Starts PyTorch; the number of threads counts once a process.
     *
     * @param threads how many
     * @return the engine
     */
    public static Engine start(int threads) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        Engine engine = Engine.getEngine(NAME);
        JniUtils.setNumThreads(threads);
        return engine;
    }

    static NDManager start(Workload w) {
        Engine engine = start(w.threadCount());
        engine.setRandomSeed((int) Ours.SEED);
        System.out.println("# contender: PyTorch " + engine.getVersion() + " through DJL "
                + Engine.getDjlVersion() + ", threads " + JniUtils.getNumThreads());
        return engine.newBaseManager(Device.cpu());
    }

    /** The workload's input as a tensor of PyTorch's. */
    static NDArray input(NDManager manager, Workload w, Shape shape) {
        float[] values = new float[Math.toIntExact(w.elements)];
        for (int e = 0; e < values.length; e++) {
            values[e] = Workload.value(e);
        }
        DataType type = DataType.valueOf(w.dtype.toUpperCase(Locale.ROOT));
        if (type == DataType.BFLOAT16) {
            throw new UnsupportedOperationException(
                    "DJL " + Engine.getDjlVersion() + " ends the process on bfloat16");
        }
        // Of the same type, toType shares the memory, which goes with the Java buffer behind it.
        try (NDArray floats = manager.create(values, shape);
                NDArray typed = floats.toType(type, true)) {
            return typed.duplicate();
        }
    }

    /** {@code x / keep * floor(keep + u)} with one u a sample. */
    static NDArray droppedPath(NDManager manager, NDArray x, double p) {
        float keep = (float) (1 - p);
        Shape perSample = new Shape(x.getShape().get(0), 1, 1);
        try (NDArray u = manager.randomUniform(0, 1, perSample, x.getDataType());
                NDArray noise = u.addi(keep).floor();
                NDArray scaled = x.div(keep)) {
            return scaled.mul(noise);
        }
    }
}
