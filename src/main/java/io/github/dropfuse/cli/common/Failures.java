package io.github.dropfuse.cli.common;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;

/** Says what went wrong, of exceptions whose own messages are a name alone. */
public final class Failures {
    private Failures() {}

    /** What went wrong, in one line. */
    public static String message(Exception e) {
        return switch (e) {
            case FileAlreadyExistsException exists ->
                    exists.getFile() + ": exists already; --force replaces it";
            case NoSuchFileException missing when missing.getReason() == null ->
                    missing.getFile() + ": no such file";
            case FileSystemLoopException loop ->
                    loop.getFile() + ": symbolic links in a circle, or too many";
            case CompletionException other when other.getCause() instanceof Exception cause ->
                    message(cause);
            case AccessDeniedException denied -> denied.getFile() + ": access denied";
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }
}
