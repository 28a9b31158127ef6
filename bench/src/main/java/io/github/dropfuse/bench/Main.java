package io.github.dropfuse.bench;

import io.github.dropfuse.bench.report.ReportCommand;
import io.github.dropfuse.bench.run.EndToEndCommand;
import io.github.dropfuse.bench.run.RunCommand;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** JMH's own command line, and before it the commands that run all of it and report. */
@Command(
        name = "benchmarks",
        description = "Anything but these commands goes to JMH; its options are shown by -h.",
        subcommands = {RunCommand.class, EndToEndCommand.class, ReportCommand.class},
        mixinStandardHelpOptions = true)
public final class Main {
    private static final Set<String> OURS = Set.of("run", "end-to-end", "report", "--help");

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && OURS.contains(arguments[0])) {
            System.exit(new CommandLine(new Main()).execute(arguments));
        }
        org.openjdk.jmh.Main.main(arguments);
    }
}
