package io.github.dropfuse.cli.completion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What a shell may offer at some place.
 *
 * @param names an option's names; none for a parameter
 * @param about what it is, in a few words
 * @param label what its value is called; empty where it has none
 * @param kind what values there are
 * @param values all of them, where there are only some
 */
record Candidate(List<String> names, String about, String label, Kind kind, List<String> values) {
    private static final String DIRECTORY = "DIR";

    /** What a value is. */
    enum Kind {
        NONE,
        ANY,
        CHOICE,
        FILE,
        DIRECTORY
    }

    static List<Candidate> options(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .map(Candidate::of)
                .toList();
    }

    /** What all parameters may be: a command has one kind of them. */
    static Optional<Candidate> parameter(CommandSpec command) {
        return command.positionalParameters().stream().map(Candidate::of).findFirst();
    }

    private static Candidate of(OptionSpec option) {
        return of(List.of(option.names()), option);
    }

    private static Candidate of(PositionalParamSpec parameter) {
        return of(List.of(), parameter);
    }

    private static Candidate of(List<String> names, ArgSpec argument) {
        List<String> values = new ArrayList<>();
        if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(values::add);
        }
        boolean hasValue = argument.arity().max() > 0;
        String label = hasValue ? argument.paramLabel() : "";
        Kind kind = !hasValue ? Kind.NONE : !values.isEmpty() ? Kind.CHOICE : kind(argument);
        String about = about(argument.description());
        boolean listed = values.stream().anyMatch(about::startsWith);
        String said = listed ? String.join(", ", values) : about;
        return new Candidate(names, said, label, kind, values);
    }

    private static Kind kind(ArgSpec argument) {
        boolean file =
                Stream.concat(Stream.of(argument.type()), Arrays.stream(argument.auxiliaryTypes()))
                        .anyMatch(type -> type == Path.class);
        boolean directory = argument.paramLabel().equals(DIRECTORY);
        return !file ? Kind.ANY : directory ? Kind.DIRECTORY : Kind.FILE;
    }

    /** The first clause of a description. */
    static String about(String... description) {
        return description.length == 0
                ? ""
                : description[0].replaceFirst("(\\.$|\\. |;|:| \\().*", "");
    }

    boolean isOption() {
        return !names.isEmpty();
    }
}
