/** Dropfuse's layers on bytedeco's PyTorch, see {@link io.github.dropfuse.bytedeco.Drop}. */
package io.github.dropfuse.bytedeco;
