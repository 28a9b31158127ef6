/** The command {@code dropfuse demo}: the layers on images, as a table and as a picture. */
package io.github.dropfuse.cli.demo;
