package io.github.dropfuse.cli.verify;

import io.github.dropfuse.TorchStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What is verified, each with its random calls; a new layer is an entry here. */
enum VerifyLayer {
    MASK(VerifyMasks::random),
    DROPOUT(VerifyUnits::elements),
    NOISE_SHAPE(VerifyUnits::noiseShape),
    DROPOUT1D(random -> VerifyUnits.channels(random, 1)),
    DROPOUT2D(random -> VerifyUnits.channels(random, 2)),
    DROPOUT3D(random -> VerifyUnits.channels(random, 3)),
    DROPPATH(VerifyUnits::paths),
    ALPHADROPOUT(VerifyUnits::alpha),
    FEATUREALPHADROPOUT(VerifyUnits::featureAlpha),
    GAUSSIANDROPOUT(VerifyNormals::dropout),
    GAUSSIANNOISE(VerifyNormals::noise),
    DROPOUTADD(VerifyResidual::dropoutAdd),
    BIAS_GRADIENT(VerifySums::bias),
    DROPPATHADD(VerifyResidual::dropPathAdd),
    GAMMA_GRADIENT(VerifySums::gamma),
    KEPTSAMPLES(VerifySamples::random),
    TOKENDROP(VerifyTokens::random),
    DROPBLOCK2D(random -> VerifyBlocks.random(random, 2)),
    DROPBLOCK3D(random -> VerifyBlocks.random(random, 3)),
    PYTORCH_RAND(random -> VerifyTorch.random(random, TorchStream.RAND)),
    PYTORCH_DROPOUT(random -> VerifyTorch.random(random, TorchStream.DROPOUT));

    private final Function<VerifyRandom, VerifySubject> calls;

    VerifyLayer(Function<VerifyRandom, VerifySubject> calls) {
        this.calls = calls;
    }

    VerifySubject call(VerifyRandom random) {
        return calls.apply(random);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Reads a layer's name. */
    static final class Converter implements ITypeConverter<VerifyLayer> {
        @Override
        public VerifyLayer convert(String value) {
            return Arrays.stream(values())
                    .filter(layer -> layer.toString().equals(value))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            value + ", allowed are "
                                                    + Arrays.stream(values())
                                                            .map(VerifyLayer::toString)
                                                            .collect(Collectors.joining(", "))));
        }
    }
}
