/** What several commands of the command line share. */
package io.github.dropfuse.cli.common;
