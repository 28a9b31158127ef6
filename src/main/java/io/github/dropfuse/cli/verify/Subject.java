package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.Words;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.LayerOption;
import io.github.dropfuse.layer.LayerOptions;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Operand;
import io.github.dropfuse.layer.Pass;
import io.github.dropfuse.layer.Pass.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * What is verified: drawing masks, every layer of the catalogue, and what layers have in common.
 *
 * @param name what the command calls it
 * @param calls makes random calls of it
 */
record Subject(String name, Function<RandomDraws, Call> calls) {
    private static final List<Source> DECISIONS =
            List.of(Source.STATE, Source.STATE, Source.STATE, Source.MASK);
    private static final int FEW = 9;

    /** All, in the order in which they take turns. */
    static final List<Subject> ALL = all();

    /** Reads a subject's name. */
    static final class Names extends Words<Subject> {
        Names() {
            super(ALL, Subject::name);
        }
    }

    private static List<Subject> all() {
        List<Subject> all = new ArrayList<>();
        all.add(new Subject("mask", MaskCall::random));
        for (LayerType type : Catalogue.layers()) {
            all.add(of(type.name(), new LayerCalls(type, passes(type), DECISIONS, false)));
            if (type.name().equals("dropout")) {
                all.add(noiseShape());
            }
            for (Pass pass : type.passes()) {
                if (sums(pass)) {
                    all.add(of(pass.name(), new LayerCalls(type, List.of(pass), DECISIONS, false)));
                }
            }
            if (type.name().equals("droppathadd")) {
                all.add(new Subject("keptsamples", SamplesCall::random));
            }
        }
        all.add(torch(Source.PYTORCH_RAND));
        all.add(torch(Source.PYTORCH_DROPOUT));
        return List.copyOf(all);
    }

    private static Subject of(String name, LayerCalls... choices) {
        return new Subject(
                name, random -> random.pick(Arrays.asList(choices)).apply(random));
    }

    private static Subject noiseShape() {
        return of(
                "noise-shape",
                Catalogue.layers().stream()
                        .filter(type -> type.options().contains(LayerOptions.NOISE_SHAPE))
                        .map(type -> new LayerCalls(type, passes(type), DECISIONS, true))
                        .toArray(LayerCalls[]::new));
    }

    private static Subject torch(Source source) {
        List<LayerCalls> choices = new ArrayList<>();
        for (LayerType type : Catalogue.layers()) {
            if (type.pass(Pass.FORWARD).sources().contains(source)) {
                choices.add(new LayerCalls(type, passes(type), List.of(source), false));
                if (type.options().contains(LayerOptions.NOISE_SHAPE)) {
                    choices.add(new LayerCalls(type, passes(type), List.of(source), true));
                }
            }
        }
        return of(LayerOption.word(source), choices.toArray(LayerCalls[]::new));
    }

    /** What is called, inference and the drawing of a mask less often. */
    private static List<Pass> passes(LayerType type) {
        List<Pass> passes = new ArrayList<>();
        for (Pass pass : type.passes()) {
            if (!sums(pass)) {
                passes.addAll(Collections.nCopies(pass.sources().isEmpty() ? 1 : FEW / 2, pass));
            }
        }
        if (type.strength().drops()) {
            passes.add(null);
        }
        return passes;
    }

    /** Whether it sums the gradient of a vector. */
    private static boolean sums(Pass pass) {
        Operand output = pass.operands().get(pass.output());
        return output.isVector();
    }

    @Override
    public String toString() {
        return name;
    }
}
