package io.github.dropfuse.cli.apply;

import java.nio.file.Path;

/**
 * A file to compute, and where its result goes.
 *
 * @param in the input
 * @param out the output, which is the input in place
 * @param call how many calls come before this file's
 */
record ApplyFile(Path in, Path out, long call) {
    boolean isInPlace() {
        return in.equals(out);
    }
}
