package io.github.dropfuse.cli;

import io.github.dropfuse.cli.apply.ApplyCommand;
import io.github.dropfuse.cli.bench.BenchCommand;
import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.cli.common.StandardOutput;
import io.github.dropfuse.cli.common.Version;
import io.github.dropfuse.cli.completion.CompletionCommand;
import io.github.dropfuse.cli.demo.DemoCommand;
import io.github.dropfuse.cli.verify.VerifyCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code dropfuse}. */
@Command(
        name = "dropfuse",
        description = "Dropout and DropPath at memory speed, with the same mask on every device.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:found a difference, or failed",
            "2:wrong usage, or a backend asked for by name cannot run here"
        })
public final class Main implements Callable<Integer> {
    static final String VERBOSE = "--verbose";

    private static final Set<String> VERSION = Set.of("-V", "--version");
    private static final String COMPLETION = "generate-completion";

    /** The class of every command by its name, in the order of the help. */
    private static final SequencedMap<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("demo", DemoCommand.class);
        COMMANDS.put("apply", ApplyCommand.class);
        COMMANDS.put("mask", MaskCommand.class);
        COMMANDS.put("verify", VerifyCommand.class);
        COMMANDS.put("bench", BenchCommand.class);
        COMMANDS.put("info", InfoCommand.class);
        COMMANDS.put(COMPLETION, CompletionCommand.class);
    }

    @Spec private CommandSpec spec;

    @Option(
            names = VERBOSE,
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of an error.")
    private boolean verbose;

    private Main() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param arguments the command's name, its options and its parameters
     */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        StandardOutput out = new StandardOutput();
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        int code = run(out, err, arguments);
        if (out.fault() != null) {
            err.println("dropfuse: standard output cannot be written: " + out.fault());
            code = code == ExitCode.OK ? ExitCode.SOFTWARE : code;
        }
        System.exit(code);
    }

    /** Runs a command within this process. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return run(commandLine(needed(arguments)), out, err, arguments);
    }

    /** Runs a command with what {@link #commandLine} made. */
    static int run(
            CommandLine commandLine, PrintWriter out, PrintWriter err, String... arguments) {
        commandLine.setOut(out).setErr(err);
        try {
            return commandLine.execute(arguments);
        } catch (Error e) {
            return Errors.failed(e, commandLine, arguments);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /**
     * The names of the commands to build, as building all takes longer than most calls: the one that
     * is called, none for the version alone, and all where help, completion or an error may name them.
     */
    static Collection<String> needed(String... arguments) {
        if (arguments.length == 1 && VERSION.contains(arguments[0])) {
            return List.of();
        }
        for (String argument : arguments) {
            if (argument.equals(VERBOSE)) {
                continue;
            }
            boolean alone = COMMANDS.containsKey(argument) && !argument.equals(COMPLETION);
            return alone ? List.of(argument) : COMMANDS.keySet();
        }
        return COMMANDS.keySet();
    }

    /** The command line with some of its commands. */
    static CommandLine commandLine(Collection<String> names) {
        CommandLine commandLine = new CommandLine(new Main());
        for (String name : names) {
            // Of its own, for picocli to apply its model's transformation.
            commandLine.addSubcommand(name, new CommandLine(COMMANDS.get(name)));
        }
        return commandLine
                .setExpandAtFiles(false)
                .setSplitQuotedStrings(true) // Lists are of numbers, which need no quotes.
                .registerConverter(Path.class, new FileNames())
                .registerConverter(Long.class, new Numbers.Signed64())
                .registerConverter(long.class, new Numbers.Signed64())
                .registerConverter(Integer.class, new Numbers.Signed32())
                .registerConverter(int.class, new Numbers.Signed32())
                .setExecutionStrategy(Main::execute)
                .setParameterExceptionHandler(Errors::wrongUsage)
                .setExecutionExceptionHandler(Errors::failed);
    }

    private static int execute(ParseResult parsed) {
        for (ParseResult level = parsed; level != null; level = level.subcommand()) {
            CommandLine command = level.commandSpec().commandLine();
            level.matchedOptions().forEach(option -> checkList(command, option));
        }
        return new RunLast().execute(parsed);
    }

    /** Refuses what picocli would put together or leave out: a second list, and an empty end. */
    private static void checkList(CommandLine command, OptionSpec option) {
        if (!option.isMultiValue()) {
            return;
        }
        String name = "option '" + option.longestName() + "' (" + option.paramLabel() + ")";
        List<String> lists = option.originalStringValues();
        if (lists.size() > 1) {
            throw new ParameterException(command, name + " should be specified only once");
        }
        if (lists.getFirst().endsWith(",")) {
            throw new ParameterException(
                    command,
                    "Invalid value for " + name + ": '" + lists.getFirst()
                            + "' ends with a comma");
        }
    }

    /** A call without a command is answered with the list of them. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }
}
