package io.github.dropfuse.cli.common;

import io.github.dropfuse.npy.PendingFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** Names of files, as commands take them. */
public final class FileNames implements ITypeConverter<Path> {
    private static final String STREAM = "-";
    private static final Set<String> STANDARD_OUTPUT =
            Set.of(STREAM, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

    @Override
    public Path convert(String value) {
        if (value.isEmpty()) {
            throw new TypeConversionException("a file's name is empty");
        }
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(
                    "the locale's encoding, " + System.getProperty("sun.jnu.encoding")
                            + ", has no such name; set LC_ALL to a locale of UTF-8, such as"
                            + " C.UTF-8");
        }
    }

    /** Whether a name stands for standard input. */
    public static boolean isStandardInput(Path name) {
        return name.toString().equals(STREAM);
    }

    /** Whether a name stands for standard output; null is none. */
    public static boolean isStandardOutput(Path name) {
        return name != null && STANDARD_OUTPUT.contains(name.toString());
    }

    /** Begins an output. */
    public static PendingFile output(Path name, boolean replace) throws IOException {
        return isStandardOutput(name)
                ? PendingFile.standardOutput()
                : PendingFile.create(name, replace);
    }

    /** Where a command's own line goes, which is not among the bytes of an output; null is none. */
    public static PrintWriter lines(CommandSpec command, Path output) {
        CommandLine line = command.commandLine();
        return isStandardOutput(output) ? line.getErr() : line.getOut();
    }

    /** Says that a replaced file had other names. */
    public static void noteOtherNames(CommandSpec command, Path name, int others) {
        if (others > 0) {
            PrintWriter err = command.commandLine().getErr();
            err.println(
                    command.qualifiedName() + ": " + Printable.line(name.toString())
                            + ": replaced; " + others + " other hard "
                            + (others == 1 ? "link keeps" : "links keep") + " the old content");
        }
    }
}
