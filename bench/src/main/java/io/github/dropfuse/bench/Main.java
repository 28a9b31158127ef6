package io.github.dropfuse.bench;

/** JMH's own command line, and before it {@code run} and {@code report}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        org.openjdk.jmh.Main.main(arguments);
    }
}
