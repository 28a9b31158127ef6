package io.github.dropfuse.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import picocli.CommandLine;

/** A command that was run within this process. */
public record Cli(int code, String out, String err) {
    /** Runs a command; arguments are turned into text. */
    public static Cli run(Object... arguments) {
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        return captured((out, err) -> Main.run(out, err, words));
    }

    /** Runs a command whose words are separated by spaces. */
    public static Cli line(String line) {
        return run((Object[]) line.split(" "));
    }

    /** Runs a command that a test made, with words separated by spaces. */
    public static Cli of(Callable<Integer> command, String line) {
        return captured(
                (out, err) ->
                        new CommandLine(command)
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
