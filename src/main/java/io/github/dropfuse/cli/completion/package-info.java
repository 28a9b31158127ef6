/** The command {@code dropfuse generate-completion}: scripts that complete words in shells. */
package io.github.dropfuse.cli.completion;
