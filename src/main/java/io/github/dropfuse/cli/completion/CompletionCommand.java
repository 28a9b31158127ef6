package io.github.dropfuse.cli.completion;

import io.github.dropfuse.cli.common.Words;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dropfuse generate-completion}. */
@Command(
        name = "generate-completion",
        description = {
            "Print a completion script for bash, zsh or fish.",
            "For the shell that runs:",
            "",
            "  bash   source <(dropfuse generate-completion bash)",
            "  zsh    source <(dropfuse generate-completion zsh)",
            "  fish   dropfuse generate-completion fish | source",
            "",
            "For later ones, store the script as",
            "",
            "  bash   ~/.local/share/bash-completion/completions/dropfuse",
            "  zsh    _dropfuse in a directory of $fpath",
            "  fish   ~/.config/fish/completions/dropfuse.fish",
            ""
        })
public final class CompletionCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SHELL",
            defaultValue = "bash",
            converter = ShellNames.class,
            completionCandidates = ShellNames.class,
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private Shell shell;

    /** A shell, and what makes its script. */
    private enum Shell {
        BASH(root -> AutoComplete.bash(root.getCommandName(), root) + "\n"),
        ZSH(root -> ZshScript.of(root.getCommandSpec())),
        FISH(root -> FishScript.of(root.getCommandSpec()));

        private final Function<CommandLine, String> script;

        Shell(Function<CommandLine, String> script) {
            this.script = script;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final class ShellNames extends Words<Shell> {
        ShellNames() {
            super(List.of(Shell.values()), Shell::word);
        }
    }

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(shell.script.apply(spec.root().commandLine()));
        return 0;
    }
}
