package io.github.dropfuse.cli;

import io.github.dropfuse.cli.common.UsageException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says in one line what went wrong, and more with {@code --verbose}. */
final class Errors {
    private Errors() {}

    static int wrongUsage(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        print(command, e.getMessage(), e, Arrays.asList(arguments).contains(Main.VERBOSE));
        return ExitCode.USAGE;
    }

    static int failed(Exception e, CommandLine command, ParseResult parsed) {
        boolean verbose = parsed.originalArgs().contains(Main.VERBOSE);
        if (e instanceof UsageException) {
            print(command, e.getMessage(), e, verbose);
            return ExitCode.USAGE;
        }
        print(command, message(e), e, verbose);
        return ExitCode.SOFTWARE;
    }

    static int failed(Error e, CommandLine command, String[] arguments) {
        print(command, e.toString(), e, Arrays.asList(arguments).contains(Main.VERBOSE));
        return ExitCode.SOFTWARE;
    }

    private static String message(Exception e) {
        return switch (e) {
            case FileAlreadyExistsException exists ->
                    exists.getFile() + ": exists already; --force replaces it";
            case NoSuchFileException missing when missing.getReason() == null ->
                    missing.getFile() + ": no such file";
            case AccessDeniedException denied -> denied.getFile() + ": access denied";
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    private static void print(
            CommandLine command, String message, Throwable e, boolean verbose) {
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        err.println(name + ": " + message.strip().replaceAll("\\s*\\R\\s*", "; "));
        if (verbose) {
            e.printStackTrace(err);
        }
        err.flush();
    }
}
