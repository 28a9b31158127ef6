package io.github.dropfuse.cli.apply;

import io.github.dropfuse.Mask;
import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Opens the files that a command reads, of which one may be standard input. */
final class NpyInputs {
    private static final String NAME = "standard input";

    private final Arena arena;
    private boolean used;

    NpyInputs(Arena arena) {
        this.arena = arena;
    }

    /** Elements, or the bits of bfloat16. */
    NpyFile open(Path file, boolean bfloat16) throws IOException {
        if (FileNames.isStandardInput(file)) {
            return bfloat16
                    ? NpyFile.readBfloat16(standardInput(), NAME, arena)
                    : NpyFile.read(standardInput(), NAME, arena);
        }
        return bfloat16 ? NpyFile.openBfloat16(file, arena) : NpyFile.open(file, arena);
    }

    /** Decisions. */
    Mask readMask(Path file) throws IOException {
        return FileNames.isStandardInput(file)
                ? NpyFile.readMask(standardInput(), NAME, arena)
                : NpyFile.readMask(file, arena);
    }

    private InputStream standardInput() {
        if (used) {
            throw new UsageException("- is standard input, which can be one file only");
        }
        used = true;
        return System.in;
    }
}
