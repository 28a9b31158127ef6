package io.github.dropfuse.cli.apply;

import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The layers that {@code apply} knows; a new one is an entry here. */
enum ApplyLayer {
    DROPOUT(
            r -> r.scaled(new Dropout(r.p(), r.scaling(), r.units()).with(r.execution())),
            "--p",
            "--scaling --noise-shape --stream --calls"),
    DROPOUT1D(
            r -> r.scaled(new Dropout1d(r.p(), r.channels(), r.scaling()).with(r.execution())),
            "--p",
            "--scaling --channels-last --stream --calls"),
    DROPOUT2D(
            r -> r.scaled(new Dropout2d(r.p(), r.channels(), r.scaling()).with(r.execution())),
            "--p",
            "--scaling --channels-last --stream --calls"),
    DROPOUT3D(
            r -> r.scaled(new Dropout3d(r.p(), r.channels(), r.scaling()).with(r.execution())),
            "--p",
            "--scaling --channels-last --stream --calls"),
    DROPPATH(
            r -> r.scaled(new DropPath(r.p(), r.mode(), r.scaling()).with(r.execution())),
            "--p",
            "--scaling --mode --stream --calls"),
    ALPHADROPOUT(
            r -> r.alpha(new AlphaDropout(r.p(), r.units())), "--p", "--noise-shape"),
    FEATUREALPHADROPOUT(r -> r.alpha(r.featureAlphaDropout()), "--p", "--channels-last"),
    GAUSSIANDROPOUT(ApplyRequest::gaussianDropout, "--p", ""),
    GAUSSIANNOISE(ApplyRequest::gaussianNoise, "--sigma", ""),
    DROPOUTADD(ApplyRequest::dropoutAdd, "--p --residual", "--scaling --bias"),
    DROPPATHADD(ApplyRequest::dropPathAdd, "--p --residual", "--scaling --mode --gamma"),
    /** Dropout on weights. */
    DROPCONNECT(
            r -> r.scaled(new Dropout(r.p(), r.scaling()).with(r.execution())),
            "--p",
            "--scaling --stream --calls"),
    DROPBLOCK2D(
            r -> r.dropBlock(2),
            "--p --block-size",
            "--centres --factor --shared-by-channels"),
    DROPBLOCK3D(
            r -> r.dropBlock(3),
            "--p --block-size",
            "--centres --factor --shared-by-channels"),
    TOKENDROP(ApplyRequest::tokenDrop, "--p --tokens", "--prefix-tokens");

    private static final Set<String> FORWARD_ONLY = Set.of("--residual", "--bias");
    private static final Set<String> BACKWARD_ONLY = Set.of("--tokens");
    private static final Set<String> NOT_WITH_STREAM = Set.of("--offset", "--start");

    /** Makes a layer of a request. */
    @FunctionalInterface
    private interface Maker {
        AppliedLayer of(ApplyRequest request) throws IOException;
    }

    private final Maker maker;
    private final List<String> needed;
    private final List<String> allowed;

    ApplyLayer(Maker maker, String needed, String allowed) {
        this.maker = maker;
        this.needed = List.of(needed.split(" "));
        this.allowed = allowed.isEmpty() ? List.of() : List.of(allowed.split(" "));
    }

    /** The options that this layer takes and not every layer does. */
    Set<String> options() {
        Set<String> options = new TreeSet<>(needed);
        options.addAll(allowed);
        return options;
    }

    /** The options that some layer takes and not every layer does. */
    static Set<String> allOptions() {
        Set<String> options = new TreeSet<>();
        for (ApplyLayer layer : values()) {
            options.addAll(layer.options());
        }
        return options;
    }

    /** Refuses options that would be ignored, and the want of those that are needed. */
    void check(Set<String> given, boolean backward) {
        for (String option : given) {
            if (!options().contains(option) && allOptions().contains(option)) {
                throw new UsageException(
                        option + " is not for " + this + ", which takes "
                                + String.join(", ", options()));
            }
        }
        refuse(given, backward ? FORWARD_ONLY : Set.of(), "is not used with --backward");
        refuse(given, backward ? Set.of() : BACKWARD_ONLY, "is for --backward");
        boolean stream = given.contains("--stream");
        refuse(given, stream ? NOT_WITH_STREAM : Set.of(), "is not used with --stream");
        refuse(given, stream ? Set.of() : Set.of("--calls"), "is for --stream");
        Set<String> idle = backward ? FORWARD_ONLY : BACKWARD_ONLY;
        for (String option : needed) {
            if (!given.contains(option) && !idle.contains(option)) {
                throw new UsageException("Missing " + option + ", which " + this + " needs");
            }
        }
    }

    private static void refuse(Set<String> given, Set<String> refused, String why) {
        for (String option : new TreeSet<>(given)) {
            if (refused.contains(option)) {
                throw new UsageException(option + " " + why);
            }
        }
    }

    AppliedLayer of(ApplyRequest request) throws IOException {
        return maker.of(request);
    }

    @Override
    public String toString() {
        return Words.of(this);
    }
}
