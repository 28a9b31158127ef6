/** The Java of Markdown pages, for tests that run it. */
package io.github.dropfuse.snippets;
