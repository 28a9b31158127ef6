package io.github.dropfuse.bytedeco;

import static org.bytedeco.pytorch.global.torch.ones;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.ref.WeakReference;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Kernels know nothing but addresses: tensors have to outlive the call. */
class LifetimeTest {
    private static final int UNTIL_COMPILED = 30_000;

    private WeakReference<Tensor> input;
    private boolean collected;

    private Tensor input() {
        Tensor x = ones(4, 4);
        input = new WeakReference<>(x);
        return x;
    }

    /** The caller has let its tensor go, as compiled code does after a variable's last use. */
    @Test
    void theInputIsNotCollectedInTheCall() {
        for (int call = 0; call < UNTIL_COMPILED; call++) {
            boolean last = call == UNTIL_COMPILED - 1;
            try (Tensor y =
                    Tensors.map(
                            input(),
                            (in, out) -> {
                                if (last) {
                                    System.gc();
                                    collected = input.get() == null;
                                }
                            })) {
                Tensor x = input.get();
                if (x != null) {
                    x.close();
                }
            }
        }
        assertFalse(collected);
    }
}
