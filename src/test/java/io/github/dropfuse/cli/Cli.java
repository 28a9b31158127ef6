package io.github.dropfuse.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/** A command that was run within this process. */
record Cli(int code, String out, String err) {
    /** Runs a command; arguments are turned into text. */
    static Cli run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        int code = Main.run(new PrintWriter(out), new PrintWriter(err), words);
        return new Cli(code, out.toString(), err.toString());
    }

    /** Runs a command whose words are separated by spaces. */
    static Cli line(String line) {
        return run((Object[]) line.split(" "));
    }
}
