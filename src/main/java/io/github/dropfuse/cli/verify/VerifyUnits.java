package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.FeatureAlphaDropout;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.UnitDropout;
import io.github.dropfuse.layer.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A call of a layer that keeps or drops whole units.
 *
 * @param layer the layer where it is to be computed
 * @param pass what is called
 * @param dtype type of the elements
 * @param shape extents of input and output
 * @param source what decides
 * @param inPlace whether the output is the input
 * @param rows entries that can be computed apart, or 0
 */
record VerifyUnits(
        Function<Execution, UnitDropout> layer,
        Pass pass,
        DType dtype,
        long[] shape,
        VerifySource source,
        boolean inPlace,
        long rows)
        implements VerifySubject {

    static VerifySubject elements(VerifyRandom random) {
        double p = random.p();
        Scaling scaling = random.pick(Scaling.values());
        return of(random, on -> new Dropout(p, scaling).with(on), anyShape(random), true);
    }

    static VerifySubject noiseShape(VerifyRandom random) {
        double p = random.p();
        Scaling scaling = random.pick(Scaling.values());
        boolean alpha = random.oneIn(4);
        long[] shape = anyShape(random);
        long[] noise = random.noiseShape(shape);
        Units units = Units.noiseShape(noise);
        return of(
                random,
                on ->
                        alpha
                                ? new AlphaDropout(p, units).with(on)
                                : new Dropout(p, scaling, units).with(on),
                shape,
                noise.length == shape.length && noise[0] == -1);
    }

    static VerifySubject channels(VerifyRandom random, int spatial) {
        double p = random.p();
        Scaling scaling = random.pick(Scaling.values());
        Channels channels = random.pick(Channels.values());
        boolean batch = random.coin();
        return of(
                random,
                on ->
                        switch (spatial) {
                            case 1 -> new Dropout1d(p, channels, scaling).with(on);
                            case 2 -> new Dropout2d(p, channels, scaling).with(on);
                            default -> new Dropout3d(p, channels, scaling).with(on);
                        },
                random.shape(spatial + (batch ? 2 : 1)),
                batch || channels == Channels.FIRST);
    }

    static VerifySubject paths(VerifyRandom random) {
        DropPath path = random.dropPath();
        return of(random, path::with, anyShape(random), path.mode() == DropPath.Mode.ROW);
    }

    static VerifySubject alpha(VerifyRandom random) {
        double p = random.p();
        return of(random, on -> new AlphaDropout(p).with(on), anyShape(random), true);
    }

    static VerifySubject featureAlpha(VerifyRandom random) {
        double p = random.p();
        int spatial = random.below(4);
        Channels channels = random.pick(Channels.values());
        return of(
                random,
                on -> new FeatureAlphaDropout(p, spatial, channels).with(on),
                random.shape(spatial + 2),
                true);
    }

    private static long[] anyShape(VerifyRandom random) {
        return random.shape(1 + random.below(5));
    }

    private static VerifySubject of(
            VerifyRandom random,
            Function<Execution, UnitDropout> layer,
            long[] shape,
            boolean canBeCut) {
        long units = VerifySubject.units(layer.apply(Execution.automatic()), shape);
        return new VerifyUnits(
                layer,
                random.oneIn(10) ? Pass.INFER : random.pick(Pass.FORWARD, Pass.BACKWARD),
                random.dtype(),
                shape,
                VerifySource.random(random, units),
                random.oneIn(3),
                canBeCut ? shape[0] : 0);
    }

    @Override
    public List<VerifyOperand> operands() {
        List<VerifyOperand> operands =
                new ArrayList<>(VerifyOperand.pair(dtype, shape, inPlace));
        source.addTo(operands);
        return operands;
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        UnitDropout on = layer.apply(execution);
        Tensor x = memory.tensor("x");
        Tensor y = memory.tensor("y");
        long start = source.first(row, rows);
        switch (pass) {
            case FORWARD -> on.forward(x, y, source.of(memory), start);
            case BACKWARD -> on.backward(x, y, source.of(memory), start);
            case INFER -> on.infer(x, y);
        }
    }

    @Override
    public String toString() {
        return layer.apply(Execution.automatic()) + " " + pass + " " + dtype + ", " + source;
    }
}
