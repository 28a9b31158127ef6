package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arrays on CUDA devices, where libtorch and the machine have CUDA. */
class CudaTest {
    private static final PhiloxState STATE = new PhiloxState(3, 9);

    private static boolean usable() {
        return Engine.getEngine("PyTorch").getGpuCount() > 0
                && Engine.getEngine("PyTorch").hasCapability("CUDA");
    }

    /** With such a build but without a GPU there is another message, of libtorch's own. */
    @Test
    void aBuildWithoutCudaSaysSo() {
        assumeTrue(!LibTorch.isBuiltWithCuda(), "libtorch is built with CUDA here");
        try (NDManager manager = Arrays.manager()) {
            assertEquals(Device.cpu(), manager.create(1f).getDevice());
        }
        var e =
                assertThrows(
                        UnsupportedOperationException.class, () -> LibTorch.currentCudaStream(0));
        assertEquals(
                "libtorch has no aoti_torch_get_current_cuda_stream; needed is libtorch 2.7 or"
                        + " newer, built with CUDA",
                e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(Samples.class)
    void equalsPlainArrays(Samples sample) {
        assumeTrue(usable(), "libtorch or this machine has no CUDA");
        Tensor x = Arrays.plain(DType.FLOAT32, 1, sample.shape());
        Tensor dy = Arrays.plain(DType.FLOAT32, 2, sample.shape());
        Tensor y = Arrays.zeros(DType.FLOAT32, sample.shape());
        Tensor dx = Arrays.zeros(DType.FLOAT32, sample.shape());
        sample.layer().forward(x, y, STATE);
        sample.layer().backward(dy, dx, STATE);
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray leaf = Arrays.array(manager, x).toDevice(Device.gpu(), true);
            leaf.setRequiresGradient(true);
            NDArray out = Arrays.forward(sample.block(Generator.from(STATE)), leaf, true);
            Arrays.assertBits(y, Arrays.plain(out), "y");
            NDArray factors = Arrays.array(manager, dy).toDevice(Device.gpu(), true);
            collector.backward(out.mul(factors).sum());
            Arrays.assertBits(
                    Arrays.unsigned(dx), Arrays.unsigned(Arrays.plain(leaf.getGradient())), "dx");
        }
    }

    /** Parts of a batch on several devices: one call after another, each with its own masks. */
    @Test
    void severalDevices() {
        assumeTrue(usable(), "libtorch or this machine has no CUDA");
        int devices = Engine.getEngine("PyTorch").getGpuCount();
        assumeTrue(devices > 1, "there is one CUDA device");
        Samples sample = Samples.DROPOUT;
        Tensor x = Arrays.plain(DType.FLOAT32, 1, sample.shape());
        Generator generator = Generator.from(STATE);
        RandomBlock block = sample.block(generator);
        try (NDManager manager = Arrays.manager()) {
            for (int device = 0; device < devices; device++) {
                Tensor y = Arrays.zeros(DType.FLOAT32, sample.shape());
                sample.layer().forward(x, y, generator.state());
                NDArray part = Arrays.array(manager, x).toDevice(Device.gpu(device), true);
                NDArray out = Arrays.forward(block, part, true);
                assertEquals(Device.gpu(device), out.getDevice());
                Arrays.assertBits(y, Arrays.plain(out), "y");
            }
        }
    }
}
