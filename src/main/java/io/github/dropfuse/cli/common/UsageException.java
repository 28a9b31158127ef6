package io.github.dropfuse.cli.common;

import java.util.function.Supplier;

/** The command as given makes no sense or cannot be had on this machine: exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }

    /** What the library refuses is wrong usage of a command that passes on its arguments. */
    public UsageException(RuntimeException cause) {
        super(cause.getMessage(), cause);
    }

    /** Makes something of the arguments; what the library refuses is then wrong usage. */
    public static <T> T check(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e);
        }
    }
}
