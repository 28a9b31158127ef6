package io.github.dropfuse.cli.completion;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes the script for fish, a line for each command, option and kind of parameter. */
final class FishScript {
    private final StringBuilder script = new StringBuilder();
    private final String name;

    private FishScript(String name) {
        this.name = name;
    }

    static String of(CommandSpec root) {
        FishScript fish = new FishScript(root.name());
        fish.script.append("# Completes the words of ").append(root.name()).append(" in fish.\n");
        fish.line("", "-f", "");
        String first = condition("__fish_use_subcommand");
        for (Candidate option : Candidate.options(root)) {
            fish.add(first, option);
        }
        root.subcommands()
                .forEach((command, line) -> fish.addCommand(first, command, line));
        return fish.script.toString();
    }

    private void addCommand(String first, String command, CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        String about = Candidate.about(spec.usageMessage().description());
        line(first, "-a " + quoted(command), about);
        String within = condition("__fish_seen_subcommand_from " + command);
        Candidate.options(spec).forEach(option -> add(within, option));
        Candidate.parameter(spec).ifPresent(parameter -> add(within, parameter));
    }

    private void add(String condition, Candidate candidate) {
        StringBuilder words = new StringBuilder();
        for (String option : candidate.names()) {
            String bare = option.replaceFirst("^--?", "");
            words.append(option.startsWith("--") ? "-l " : "-s ").append(quoted(bare)).append(' ');
        }
        String required = candidate.isOption() ? "-x " : "";
        words.append(
                switch (candidate.kind()) {
                    case NONE -> "";
                    case ANY -> required;
                    case CHOICE -> required + "-a " + quoted(String.join(" ", candidate.values()));
                    case FILE -> candidate.isOption() ? "-r -F" : "-F";
                    case DIRECTORY -> required + "-a '(__fish_complete_directories)'";
                });
        line(condition, words.toString().strip(), candidate.isOption() ? candidate.about() : "");
    }

    private void line(String condition, String words, String about) {
        script.append("complete -c ").append(name).append(condition).append(' ').append(words);
        if (!about.isEmpty()) {
            script.append(" -d ").append(quoted(about));
        }
        script.append('\n');
    }

    private static String condition(String test) {
        return " -n " + quoted(test);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
