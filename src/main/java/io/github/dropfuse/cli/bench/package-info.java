/** The command {@code dropfuse bench}: what kernels cost beside a plain copy. */
package io.github.dropfuse.cli.bench;
