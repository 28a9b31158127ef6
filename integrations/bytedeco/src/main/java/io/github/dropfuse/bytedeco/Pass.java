package io.github.dropfuse.bytedeco;

import io.github.dropfuse.Tensor;

/** One pass of a layer. */
interface Pass {
    void run(Tensor in, Tensor out);
}
