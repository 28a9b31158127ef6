/** The command {@code dropfuse apply}: a layer over the tensors of files. */
package io.github.dropfuse.cli.apply;
