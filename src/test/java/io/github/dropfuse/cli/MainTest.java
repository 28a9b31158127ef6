package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.cli.common.Version;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class MainTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "demo ", "apply ", "mask ", "verify ", "info ",
                "generate-completion "})
    void everyCommandHasHelpAndVersion(String command) {
        Cli help = Cli.line(command + "--help");
        assertEquals(0, help.code());
        assertEquals("", help.err());
        assertTrue(help.out().startsWith("Usage: dropfuse " + command.strip()), help.out());
        assertTrue(help.out().contains("Exit codes:"), help.out());
        assertTrue(help.out().contains("--verbose"), help.out());
        Cli version = Cli.line(command + "--version");
        assertEquals(new Cli(0, "dropfuse " + Version.text() + "\n", ""), version);
    }

    @Test
    void theCommandAloneListsAllInOneLineEach() {
        Cli alone = Cli.run();
        assertEquals(2, alone.code());
        assertEquals("", alone.out());
        assertEquals(Cli.line("--help").out(), alone.err());
        List<String> lines = alone.err().lines().toList();
        int first = lines.indexOf("Commands:") + 1;
        List<String> commands = List.copyOf(Main.needed());
        for (int i = 0; i < commands.size(); i++) {
            String line = lines.get(first + i);
            assertTrue(line.startsWith("  " + commands.get(i) + " ") && line.endsWith("."), line);
        }
        assertEquals("", lines.get(first + commands.size()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    aply                            | dropfuse: Unmatched argument at index 0: 'aply', did you mean apply?
                    paint                           | dropfuse: Unmatched argument at index 0: 'paint'
                    pply                            | dropfuse: Unmatched argument at index 0: 'pply', did you mean apply?
                    info --colour                   | dropfuse info: Unknown option: '--colour'
                    info --jsno                     | dropfuse info: Unknown option: '--jsno', did you mean --json?
                    mask --sede=1 --p 0.1           | dropfuse mask: Unknown option: '--sede=1', did you mean --seed?
                    apply --layr dropout a          | dropfuse apply: Unknown option: '--layr', did you mean --layer?
                    generate-completion tcsh        | dropfuse generate-completion: Invalid value for positional parameter at index 0 (SHELL): tcsh, allowed are bash, zsh, fish
                    --verbose mask --p 0.1 --seed 1 | dropfuse mask: Missing required option: '--count=N'
                    mask --p 0.1 --seed 1           | dropfuse mask: Missing required option: '--count=N'
                    apply --layer dropout --p 0.1 a | dropfuse apply: Missing required option: '--seed=S'
                    """)
    void wrongUsageIsOneLineAndExitCode2(String line, String error) {
        Cli cli = Cli.line(line);
        assertEquals(2, cli.code());
        assertEquals("", cli.out());
        assertEquals(error, cli.err().lines().findFirst().orElseThrow());
        assertEquals(line.contains("--verbose"), cli.err().lines().count() > 1, cli.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "apply", "mask", "verify", "bench", "info"})
    void onlyTheCommandThatIsCalledIsBuilt(String command) {
        for (String line : List.of(command, command + " --help", "--verbose " + command + " a")) {
            assertEquals(List.of(command), List.copyOf(Main.needed(line.split(" "))), line);
        }
        assertEquals(Set.of(command), Main.commandLine(List.of(command)).getSubcommands().keySet());
    }

    @Test
    void theVersionTakesNoCommand() {
        assertEquals(List.of(), List.copyOf(Main.needed("--version")));
        assertEquals(List.of(), List.copyOf(Main.needed("-V")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--verbose", "--help", "--version info", "-V --help", "aply",
                "generate-completion", "--colour info", "--verbose=true info", "@info", "--"})
    void allCommandsAreBuiltWhereAnyMayBeNamed(String line) {
        assertEquals(
                List.of("demo", "apply", "mask", "verify", "bench", "info", "generate-completion"),
                List.copyOf(Main.needed(line.split(" "))));
    }

    /** What is not built would be seen in a help, an error or a suggestion that names it. */
    @ParameterizedTest
    @ValueSource(strings = {"-V", "--version", "demo --help", "apply --help", "mask --help",
                "verify --help", "bench --help", "info --help", "info --version", "--verbose info --jsno",
                "info mask", "mask info", "mask --count 1 info", "mask --seed 1 --p 0.1 --count 8",
                "apply apply", "verify --secnds 1", "bench -- info", "info help"})
    void aCommandAloneIsAsAmongAll(String line) {
        String[] words = line.split(" ");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                Main.run(
                        Main.commandLine(Main.needed()), new PrintWriter(out), new PrintWriter(err),
                        words);
        assertEquals(new Cli(code, out.toString(), withoutTrace(err.toString())), alone(line));
    }

    private static Cli alone(String line) {
        Cli cli = Cli.line(line);
        return new Cli(cli.code(), cli.out(), withoutTrace(cli.err()));
    }

    /** Stack traces tell how a test called. */
    private static String withoutTrace(String text) {
        return text.replaceAll("(?m)^\tat .*\n", "");
    }

    @Test
    void completesCommandsAndOptions() {
        Cli cli = Cli.line("generate-completion");
        assertEquals(0, cli.code());
        assertEquals("", cli.err());
        assertTrue(cli.out().startsWith("#!/usr/bin/env bash\n"), cli.out());
        assertTrue(cli.out().contains("'--layer'"), cli.out());
        assertTrue(cli.out().contains("dropblock2d"), cli.out());
        assertEquals(cli, Cli.line("generate-completion bash"));
    }

    /** Every command, option and choice of the model, and no choice's name in Java. */
    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completionKnowsAllThatThereIs(String shell) {
        String script = Cli.line("generate-completion " + shell).out();
        for (CommandLine command : Main.commandLine(Main.needed()).getSubcommands().values()) {
            assertTrue(script.contains(command.getCommandName()), command.getCommandName());
            for (OptionSpec option : command.getCommandSpec().options()) {
                String bare = option.longestName().replaceFirst("^--", "");
                assertTrue(script.contains(bare), script);
                if (option.completionCandidates() != null) {
                    option.completionCandidates()
                            .forEach(choice -> assertTrue(script.contains(choice), choice));
                }
            }
        }
        assertTrue(script.contains("at-inference"), script);
        assertFalse(script.contains("AT_INFERENCE"), script);
        assertFalse(script.contains("${COMPLETION"), script);
    }

    @Test
    void verboseShowsTheStackTrace() {
        String line = "apply --layer dropout --p 0.1 --seed 1 /missing.npy out.npy";
        Cli brief = Cli.line(line);
        assertEquals(new Cli(1, "", "dropfuse apply: /missing.npy: no such file\n"), brief);
        Cli verbose = Cli.line(line + " --verbose");
        assertEquals(1, verbose.code());
        assertTrue(verbose.err().startsWith(brief.err()), verbose.err());
        assertTrue(verbose.err().contains("\tat io.github.dropfuse"), verbose.err());
        assertTrue(Cli.line("--verbose " + line).err().contains("\tat "), "as a global option");
    }
}
