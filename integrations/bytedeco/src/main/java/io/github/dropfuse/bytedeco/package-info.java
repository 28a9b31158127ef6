/**
 * Dropfuse's layers on bytedeco's PyTorch, see {@link io.github.dropfuse.bytedeco.Drop}.
 *
 * {@snippet file="io/github/dropfuse/bytedeco/ExampleTest.java" region="call"}
 */
package io.github.dropfuse.bytedeco;
