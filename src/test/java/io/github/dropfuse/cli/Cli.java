package io.github.dropfuse.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.function.BiFunction;
import picocli.CommandLine;

/** A command that was run within this process. */
record Cli(int code, String out, String err) {
    /** Runs a command; arguments are turned into text. */
    static Cli run(Object... arguments) {
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        return captured((out, err) -> Main.run(out, err, words));
    }

    /** Runs a command whose words are separated by spaces. */
    static Cli line(String line) {
        return run((Object[]) line.split(" "));
    }

    /** Runs {@code apply} in parts of about so many elements. */
    static Cli apply(long partElements, String line) {
        return captured(
                (out, err) ->
                        new CommandLine(new ApplyCommand(partElements))
                                .setOut(out)
                                .setErr(err)
                                .setExecutionExceptionHandler(Errors::failed)
                                .execute(line.split(" ")));
    }

    private static Cli captured(BiFunction<PrintWriter, PrintWriter, Integer> command) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = command.apply(new PrintWriter(out, true), new PrintWriter(err, true));
        return new Cli(code, out.toString(), err.toString());
    }
}
