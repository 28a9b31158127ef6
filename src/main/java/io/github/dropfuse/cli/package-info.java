/** The command line, {@code dropfuse}; its optional dependencies are in the runnable jar. */
package io.github.dropfuse.cli;
