/** The command {@code dropfuse verify}: random calls of all layers, backend against reference. */
package io.github.dropfuse.cli.verify;
