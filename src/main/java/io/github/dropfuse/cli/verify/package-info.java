/** The command {@code dropfuse verify}: random calls on every backend against the reference. */
package io.github.dropfuse.cli.verify;
