package io.github.dropfuse.cli.completion;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Writes the script for zsh, which gives the words of each command to {@code _arguments}. */
final class ZshScript {
    private static final String BEGIN =
            """
            #compdef @NAME@
            # Completes the words of @NAME@ in zsh.

            _@NAME@() {
                local curcontext="$curcontext" state line
                local -a commands
                _arguments -C \\
            """;
    private static final String COMMANDS =
            """
                    '1: :->command' \\
                    '*:: :->argument' && return

                case $state in
                    command)
                        commands=(
            """;
    private static final String ARGUMENTS =
            """
                        )
                        _describe command commands
                        ;;
                    argument)
                        case $words[1] in
            """;
    private static final String END =
            """
                        esac
                        ;;
                esac
            }

            # Called at once where zsh has found this file by itself, or else from now on.
            if [ "$funcstack[1]" = _@NAME@ ]; then
                _@NAME@ "$@"
            else
                compdef _@NAME@ @NAME@
            fi
            """;

    private final StringBuilder script = new StringBuilder();

    private ZshScript() {}

    static String of(CommandSpec root) {
        ZshScript zsh = new ZshScript();
        zsh.script.append(BEGIN);
        Candidate.options(root).forEach(option -> zsh.add(" ".repeat(8), option, " \\\n"));
        zsh.script.append(COMMANDS);
        root.subcommands()
                .forEach(
                        (name, line) -> {
                            String[] description =
                                    line.getCommandSpec().usageMessage().description();
                            String entry = name + ":" + Candidate.about(description);
                            zsh.script.append(" ".repeat(16)).append(quoted(entry)).append('\n');
                        });
        zsh.script.append(ARGUMENTS);
        root.subcommands().forEach((name, line) -> zsh.addCommand(name, line.getCommandSpec()));
        zsh.script.append(END);
        return zsh.script.toString().replace("@NAME@", root.name());
    }

    private void addCommand(String name, CommandSpec command) {
        script.append(" ".repeat(16)).append(name).append(")\n");
        script.append(" ".repeat(20)).append("_arguments");
        String before = " \\\n" + " ".repeat(24);
        Candidate.options(command).forEach(option -> add(before, option, ""));
        Candidate.parameter(command).ifPresent(parameter -> add(before, parameter, ""));
        script.append("\n").append(" ".repeat(20)).append(";;\n");
    }

    private void add(String before, Candidate candidate, String after) {
        if (!candidate.isOption()) {
            script.append(before).append(quoted("*" + value(candidate))).append(after);
            return;
        }
        List<String> names = candidate.names();
        String others = names.size() > 1 ? "(" + String.join(" ", names) + ")" : "";
        for (String name : names) {
            boolean valued = candidate.kind() != Candidate.Kind.NONE;
            String spec =
                    others + name + (valued ? "=" : "")
                            + "[" + escaped(candidate.about(), "[]\\:") + "]"
                            + (valued ? value(candidate) : "");
            script.append(before).append(quoted(spec)).append(after);
        }
    }

    /** What is said of a value, and what offers some. */
    private static String value(Candidate candidate) {
        String action =
                switch (candidate.kind()) {
                    case NONE, ANY -> " ";
                    case CHOICE -> "(" + String.join(" ", candidate.values()) + ")";
                    case FILE -> "_files";
                    case DIRECTORY -> "_files -/";
                };
        return ":" + escaped(candidate.label(), "\\:") + ":" + action;
    }

    private static String escaped(String text, String characters) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            escaped.append(characters.indexOf(c) < 0 ? "" : "\\").append(c);
        }
        return escaped.toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
