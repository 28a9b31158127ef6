package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Tensors in host memory, the heap included, computed on a device call by call. */
@CudaTest
class CudaStagedTest {
    private static final PhiloxState STATE = new PhiloxState(3, 4);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());
    private static final Staging STAGED = Staging.on(Cuda.device(0));

    private interface Call {
        void run(Execution on, Tensor x, Tensor y);
    }

    private static void compare(String what, Tensor x, Tensor y, Call call) {
        Tensor wanted = Tensor.allocate(Arena.ofAuto(), y.dtype(), y.shape());
        wanted.copyFrom(y);
        Tensor offHeap = Tensor.allocate(Arena.ofAuto(), y.dtype(), y.shape());
        offHeap.copyFrom(y);
        call.run(REFERENCE, x, wanted);
        staged(call, x, y);
        Patterns.assertEqual(y.dtype(), wanted.segment(), y.segment(), what + ", heap");
        staged(call, x, offHeap);
        Patterns.assertEqual(y.dtype(), wanted.segment(), offHeap.segment(), what);
    }

    private static void staged(Call call, Tensor x, Tensor y) {
        STAGED.run(
                new Tensor[] {x, y}, there -> call.run(STAGED.execution(), there[0], there[1]));
    }

    @Test
    void everyLayer() {
        for (DType dtype : DType.values()) {
            Tensor x = Device.values(dtype, 1, 4, 3, 9, 11);
            Tensor y = Device.values(dtype, 2, 4, 3, 9, 11);
            GaussianDropout noise = new GaussianDropout(0.4);
            compare("normal", x, y, (on, in, out) -> noise.with(on).forward(in, out, STATE, 5));
            Dropout dropout = new Dropout(0.4);
            compare(
                    "product", x, y,
                    (on, in, out) ->
                            dropout.with(on)
                                    .forward(
                                            in, out, TorchGenerator.seeded(1).next(TorchStream.RAND)));
            DropBlock blocks = new DropBlock(2, 0.3, 4).with(DropBlock.Factor.REALISED);
            compare("blocks", x, y, (on, in, out) -> blocks.with(on).forward(in, out, STATE));
            KeptSamples kept = KeptSamples.of(4, 0.7, 3, 1);
            Tensor some = Device.values(dtype, 3, 2, 3, 9, 11);
            compare("add", some, y, (on, in, out) -> kept.with(on).scatterAdd(in, out));
            compare("gather", x, some, (on, in, out) -> kept.with(on).scatterAddBackward(in, out));
            TokenDrop tokens = new TokenDrop(0.5, 1);
            long[] indices = tokens.indices(4, 9, STATE);
            Tensor all = Device.values(dtype, 4, 4, 9, 5);
            Tensor dense = Device.values(dtype, 5, 4, tokens.kept(9), 5);
            compare(
                    "scatter", dense, all,
                    (on, in, out) -> tokens.with(on).backward(in, out, indices));
        }
    }
}
