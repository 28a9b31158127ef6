package io.github.dropfuse.cli;

import io.github.dropfuse.cli.common.Failures;
import io.github.dropfuse.cli.common.Nearest;
import io.github.dropfuse.cli.common.Printable;
import io.github.dropfuse.cli.common.UsageException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what went wrong, and more with {@code --verbose}. */
final class Errors {
    private Errors() {}

    static int wrongUsage(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        boolean verbose = Arrays.asList(arguments).contains(Main.VERBOSE);
        ParameterException told = misspelt(e).orElse(e);
        print(command, told.getMessage() + suggestion(told), told, verbose);
        return ExitCode.USAGE;
    }

    /** What is missing may be there, under a wrong name. */
    private static Optional<ParameterException> misspelt(ParameterException e) {
        List<String> unmatched = e.getCommandLine().getUnmatchedArguments();
        return e instanceof MissingParameterException && !unmatched.isEmpty()
                ? Optional.of(new UnmatchedArgumentException(e.getCommandLine(), unmatched))
                : Optional.empty();
    }

    /** The nearest name that there is, if one is near. */
    private static String suggestion(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return "";
        }
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String word = unmatched.getUnmatched().getFirst().replaceFirst("=.*", "");
        Set<String> names =
                word.startsWith("-")
                        ? command.optionsMap().keySet()
                        : command.subcommands().keySet();
        return Nearest.to(word, names).map(name -> ", did you mean " + name + "?").orElse("");
    }

    static int failed(Exception e, CommandLine command, ParseResult parsed) {
        boolean verbose = parsed.originalArgs().contains(Main.VERBOSE);
        if (e instanceof UsageException) {
            print(command, e.getMessage(), e, verbose);
            return ExitCode.USAGE;
        }
        print(command, Failures.message(e), e, verbose);
        return ExitCode.SOFTWARE;
    }

    static int failed(Error e, CommandLine command, String[] arguments) {
        print(command, e.toString(), e, Arrays.asList(arguments).contains(Main.VERBOSE));
        return ExitCode.SOFTWARE;
    }

    private static void print(
            CommandLine command, String message, Throwable e, boolean verbose) {
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        err.println(name + ": " + Printable.line(message));
        if (verbose) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace, true));
            err.println(Printable.lines(trace.toString()));
        }
        err.flush();
    }
}
