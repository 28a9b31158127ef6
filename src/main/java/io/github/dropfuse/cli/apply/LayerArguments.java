package io.github.dropfuse.cli.apply;

import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.cli.common.Words;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.LayerOption;
import io.github.dropfuse.layer.LayerOptions;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Operand;
import io.github.dropfuse.layer.Options;
import io.github.dropfuse.layer.Pass;
import io.github.dropfuse.layer.Pass.Source;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * What was given for a layer: the options that some layers take and others do not, which the
 * catalogue knows.
 *
 * @param type the layer
 * @param backward whether its backward pass is called
 * @param parsed the command line
 */
record LayerArguments(LayerType type, boolean backward, ParseResult parsed) {
    private static final String STREAM = "--stream";
    private static final String CALLS = "--calls";
    private static final String MASK = "--mask";
    private static final List<String> NOT_WITH_STREAM =
            List.of("--offset", "--start", "--whole-shape", "--shard-from");
    private static final List<String> NOT_WITH_MASK = List.of("--seed", "--offset", STREAM);

    /** Adds the options of all layers to a command. */
    static final class Adder implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            ArgGroupSpec.Builder group =
                    ArgGroupSpec.builder()
                            .validate(false)
                            .heading("%nOptions of layers, and which layers take them:%n");
            specs().forEach(group::addArg);
            return command.addArgGroup(group.build());
        }
    }

    private static Collection<OptionSpec> specs() {
        Map<String, OptionSpec> specs = new LinkedHashMap<>();
        for (LayerType type : Catalogue.layers()) {
            for (LayerOption<?> option : type.options()) {
                add(specs, spec(option), option.needed(), "", option.description());
            }
            for (LayerOption<?> option : type.inputs().options()) {
                add(specs, spec(option), true, " with --backward", option.description());
            }
            for (Operand file : files(type)) {
                boolean inBoth = type.pass(Pass.BACKWARD).operands().contains(file);
                String unless = file.optional() ? ", without --backward" : " unless --backward";
                add(
                        specs, spec(name(file), "FILE.npy", Path.class), !file.optional(),
                        inBoth ? "" : unless, file.description());
            }
        }
        add(
                specs,
                withChoices(
                        spec(STREAM, "STREAM", Source.class),
                        new Words<>(
                                List.of(Source.PYTORCH_RAND, Source.PYTORCH_DROPOUT),
                                LayerOption::word)),
                false,
                "; without --offset and --start",
                "pytorch-rand or pytorch-dropout: the masks and the arithmetic of PyTorch's CPU"
                        + " generator, seeded with S, in modules written with torch.rand or in"
                        + " torch.nn.functional.dropout. Prints the output's digest.");
        add(
                specs,
                spec(CALLS, "K", Long.class).converters(new Numbers.Positive63()),
                false,
                "",
                "With --stream: make the K-th call after seeding (default 1). The numbers of the calls"
                        + " before it are made too, one or two a unit, so that time grows with K: by"
                        + " some 0.4 s for 10^9 numbers.");
        add(
                specs,
                spec(MASK, "FILE.npy", Path.class),
                false,
                "",
                "Stored decisions in place of --seed: bool or uint8, one for each unit of the whole, 0"
                        + " for dropped.");
        return specs.values();
    }

    /** Adds an option once, with the layers that take it as the last line of its description. */
    private static void add(
            Map<String, OptionSpec> specs,
            OptionSpec.Builder spec,
            boolean needed,
            String when,
            String description) {
        String name = spec.names()[0];
        List<LayerType> takers =
                Catalogue.layers().stream()
                        .filter(
                                type ->
                                        name.equals(MASK)
                                                ? takes(type, Source.MASK)
                                                : options(type).contains(name))
                        .toList();
        List<LayerType> others =
                Catalogue.layers().stream().filter(type -> !takers.contains(type)).toList();
        String need = !needed ? "" : takers.size() == 1 ? ", which needs it" : ", which need it";
        String layers =
                others.size() == 1
                        ? "All but " + others.getFirst()
                        : takers.stream().map(LayerType::name).collect(Collectors.joining(", "))
                                + need;
        specs.putIfAbsent(name, spec.description(description, layers + when + ".").build());
    }

    private static OptionSpec.Builder spec(String name, String label, Class<?> type) {
        return OptionSpec.builder(name).paramLabel(label).type(type);
    }

    private static <T> OptionSpec.Builder spec(LayerOption<T> option) {
        OptionSpec.Builder spec = spec(name(option), option.placeholder(), option.type());
        if (option == LayerOptions.P) {
            spec.converters(new Numbers.Probability());
        } else if (option.type().isEnum()) {
            withChoices(
                    spec,
                    new Words<>(
                            List.of(option.type().getEnumConstants()),
                            choice -> LayerOption.word((Enum<?>) choice)));
        } else if (option.type().isArray()) {
            spec.splitRegex(",");
        }
        return spec;
    }

    private static OptionSpec.Builder withChoices(OptionSpec.Builder spec, Words<?> choices) {
        return spec.converters(choices).completionCandidates(choices);
    }

    private static boolean takes(LayerType type, Source source) {
        return type.pass(Pass.FORWARD).sources().contains(source);
    }

    private static String name(LayerOption<?> option) {
        return "--" + option.name();
    }

    private static String name(Operand file) {
        return "--" + file.name();
    }

    /** Operands that are files beside input and output. */
    private static List<Operand> files(LayerType type) {
        return type.pass(Pass.FORWARD).operands().stream()
                .filter(operand -> !operand.description().isEmpty())
                .toList();
    }

    /** The options that a layer takes and not every layer does. */
    static Set<String> options(LayerType type) {
        Set<String> names = new TreeSet<>();
        type.options().forEach(option -> names.add(name(option)));
        type.inputs().options().forEach(option -> names.add(name(option)));
        files(type).forEach(file -> names.add(name(file)));
        if (takes(type, Source.PYTORCH_RAND)) {
            names.addAll(Set.of(STREAM, CALLS));
        }
        return names;
    }

    /** The options that some layer takes and not every layer does. */
    static Set<String> allOptions() {
        return Catalogue.layers().stream()
                .flatMap(type -> options(type).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What is called. */
    Pass pass() {
        return type.pass(backward ? Pass.BACKWARD : Pass.FORWARD);
    }

    /** PyTorch's way, or null. */
    Source stream() {
        return parsed.matchedOptionValue(STREAM, null);
    }

    long calls() {
        return parsed.matchedOptionValue(CALLS, 1L);
    }

    /** The file of a stored mask, or null. */
    Path mask() {
        return parsed.matchedOptionValue(MASK, null);
    }

    /** The file of an operand, or null. */
    Path file(Operand operand) {
        return parsed.matchedOptionValue(name(operand), null);
    }

    /** The values that were given for the layer's options. */
    Options values() {
        Options values = Options.NONE;
        for (LayerOption<?> option : type.options()) {
            values = with(values, option);
        }
        for (LayerOption<?> option : type.inputs().options()) {
            values = with(values, option);
        }
        return values;
    }

    private <T> Options with(Options values, LayerOption<T> option) {
        T value = parsed.matchedOptionValue(name(option), null);
        return value == null ? values : values.with(option, value);
    }

    /** Refuses options that would be ignored, and the want of those that are needed. */
    void check() {
        Set<String> own = options(type);
        Set<String> given =
                parsed.matchedOptions().stream()
                        .map(OptionSpec::longestName)
                        .collect(Collectors.toCollection(TreeSet::new));
        for (String option : given) {
            boolean ofOthers = allOptions().contains(option) && !own.contains(option);
            if (ofOthers || option.equals(MASK) && !takes(type, Source.MASK)) {
                throw new UsageException(
                        option + " is not for " + type + ", which takes " + String.join(", ", own));
            }
        }
        List<Operand> used = pass().operands();
        for (Operand file : files(type)) {
            refuse(given, !used.contains(file), "is not used with --backward", name(file));
        }
        for (LayerOption<?> option : type.inputs().options()) {
            refuse(given, !backward, "is for --backward", name(option));
        }
        NOT_WITH_STREAM.forEach(
                option -> refuse(given, stream() != null, "is not used with " + STREAM, option));
        NOT_WITH_MASK.forEach(
                option -> refuse(given, mask() != null, "is not used with " + MASK, option));
        refuse(given, stream() == null, "is for " + STREAM, CALLS);
        Stream.of(
                        type.options().stream().filter(LayerOption::needed).map(o -> name(o)),
                        type.inputs().options().stream().filter(o -> backward).map(o -> name(o)),
                        files(type).stream()
                                .filter(file -> used.contains(file) && !file.optional())
                                .map(file -> name(file)))
                .flatMap(names -> names)
                .filter(name -> !given.contains(name))
                .findFirst()
                .ifPresent(
                        name -> {
                            throw new UsageException(
                                    "Missing " + name + ", which " + type + " needs");
                        });
    }

    private static void refuse(Set<String> given, boolean wrong, String why, String option) {
        if (wrong && given.contains(option)) {
            throw new UsageException(option + " " + why);
        }
    }
}
