/**
 * CUDA devices: their memory, streams and events. Layers compute on a device when their tensors are
 * there. The driver is loaded at first use; see {@link io.github.dropfuse.cuda.Cuda}.
 *
 * {@snippet file="io/github/dropfuse/ExamplesTest.java" region="devices"}
 */
package io.github.dropfuse.cuda;
