/** What the adapters' tests share: the Java of Markdown pages, and calls timed in turn. */
package io.github.dropfuse.integrations.testing;
