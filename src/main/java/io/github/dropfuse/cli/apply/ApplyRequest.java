package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.FeatureAlphaDropout;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.layer.UnitDropout;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What {@code apply} was asked for, and the layers made of it.
 *
 * @param options the layer's own options
 * @param draw what decides
 * @param stream PyTorch's masks, if they were asked for
 * @param backward whether the input is a gradient
 * @param execution where to compute
 * @param dtype the input's type
 * @param shape the input's shape
 * @param arena owns further files
 */
record ApplyRequest(
        LayerOptions options,
        DrawOptions draw,
        StreamOptions stream,
        boolean backward,
        Execution execution,
        DType dtype,
        long[] shape,
        Arena arena) {
    double p() {
        return options.p();
    }

    Scaling scaling() {
        return options.scaling();
    }

    DropPath.Mode mode() {
        return options.mode();
    }

    Channels channels() {
        return options.channels();
    }

    /** Elements, or the noise shape's positions, of the whole input or of a part of its entries. */
    Units units() {
        long[] noise = options.noiseShape();
        if (noise == null) {
            return Units.elements();
        }
        long[] ofParts = noise.clone();
        if (noise.length == shape.length && shape[0] > 1 && noise[0] == shape[0]) {
            ofParts[0] = -1;
        }
        return Units.noiseShape(ofParts);
    }

    FeatureAlphaDropout featureAlphaDropout() {
        return channels() == Channels.FIRST || shape.length < 2
                ? new FeatureAlphaDropout(p())
                : new FeatureAlphaDropout(p(), shape.length - 2, Channels.LAST);
    }

    AppliedLayer scaled(ScaledDropout layer) {
        return stream.stream() == null
                ? units(layer, layer.trainingScale())
                : new AppliedStream(layer, dropsElements(layer), backward, stream, draw.seed());
    }

    AppliedLayer alpha(AlphaDropout made) {
        AlphaDropout layer = made.with(execution);
        return units(layer, layer.trainingScale());
    }

    private AppliedLayer units(UnitDropout layer, double scale) {
        PhiloxState state = draw.state();
        AppliedUnits.Pass pass =
                backward
                        ? (in, out, from, start) -> layer.backward(in, out, state, start)
                        : (in, out, from, start) -> layer.forward(in, out, state, start);
        return new AppliedUnits(layer, scale, draw, pass).flat(dropsElements(layer));
    }

    private boolean dropsElements(UnitDropout layer) {
        return options.noiseShape() == null
                && (layer instanceof Dropout || layer.getClass() == AlphaDropout.class);
    }

    AppliedLayer gaussianDropout() {
        GaussianDropout layer = new GaussianDropout(p()).with(execution);
        PhiloxState state = draw.state();
        return new AppliedNormals(
                layer.sigma(),
                draw,
                backward
                        ? (in, out, start) -> layer.backward(in, out, state, start)
                        : (in, out, start) -> layer.forward(in, out, state, start));
    }

    AppliedLayer gaussianNoise() {
        GaussianNoise layer = new GaussianNoise(options.sigma()).with(execution);
        PhiloxState state = draw.state();
        return new AppliedNormals(
                layer.sigma(),
                draw,
                backward
                        ? (in, out, start) -> layer.backward(in, out)
                        : (in, out, start) -> layer.forward(in, out, state, start));
    }

    AppliedLayer dropoutAdd() throws IOException {
        Dropout dropout = new Dropout(p(), scaling()).with(execution);
        if (backward) {
            return units(dropout, dropout.trainingScale());
        }
        DropoutAdd layer = new DropoutAdd(dropout);
        PhiloxState state = draw.state();
        Tensor bias = vector("--bias", options.bias());
        NpyFile file = open("--residual", options.residual(), shape);
        boolean flat = bias == null;
        NpyRows residual = new NpyRows(file, flat ? AppliedLayer.flat(shape) : shape, arena);
        return new AppliedUnits(
                        dropout,
                        dropout.trainingScale(),
                        draw,
                        (in, out, from, start) ->
                                layer.forward(
                                        in, bias, residual.rows(from, from + in.extent(0), null),
                                        out, state, start))
                .flat(flat)
                .whole(isVectorOfEntries(bias))
                .bytesBeside(file.header().dataSize());
    }

    AppliedLayer dropPathAdd() throws IOException {
        DropPath path = new DropPath(p(), mode(), scaling()).with(execution);
        DropPathAdd layer = new DropPathAdd(path);
        PhiloxState state = draw.state();
        Tensor gamma = vector("--gamma", options.gamma());
        AppliedUnits.Pass pass;
        long bytesBeside = 0;
        if (backward) {
            pass = (in, out, from, start) -> layer.backward(in, gamma, out, state, start);
        } else {
            NpyFile file = open("--residual", options.residual(), shape);
            NpyRows residual = new NpyRows(file, shape, arena);
            pass =
                    (in, out, from, start) ->
                            layer.forward(
                                    in, gamma, residual.rows(from, from + in.extent(0), null), out,
                                    state, start);
            bytesBeside = file.header().dataSize();
        }
        return new AppliedUnits(path, path.trainingScale(), draw, pass)
                .whole(isVectorOfEntries(gamma))
                .bytesBeside(bytesBeside);
    }

    AppliedLayer dropBlock(int dimensions) {
        return new AppliedBlocks(
                options.dropBlock(dimensions).with(execution), options.factor(), draw, backward);
    }

    AppliedLayer tokenDrop() {
        TokenDrop layer = new TokenDrop(p(), options.prefixTokens()).with(execution);
        return new AppliedTokens(layer, draw, backward, options.tokens(), shape);
    }

    /** Whether the vector runs along the dimension that parts are cut from. */
    private boolean isVectorOfEntries(Tensor vector) {
        return vector != null && shape.length == 1;
    }

    private Tensor vector(String option, Path path) throws IOException {
        if (path == null) {
            return null;
        }
        if (shape.length == 0) {
            throw new UsageException(
                    "IN.npy has rank 0, with " + option + " allowed are 1 and more");
        }
        long[] last = {shape[shape.length - 1]};
        return new NpyRows(open(option, path, last), last, arena).whole();
    }

    private NpyFile open(String option, Path path, long[] wanted) throws IOException {
        NpyFile file = NpyRows.open(path, dtype, arena);
        DType found = file.header().type().dtype();
        if (found != dtype || !Arrays.equals(file.header().shape(), wanted)) {
            throw new UsageException(
                    option + " " + path + " is " + found + " "
                            + Arrays.toString(file.header().shape()) + ", allowed for IN.npy of "
                            + dtype + " " + Arrays.toString(shape) + " is " + dtype + " "
                            + Arrays.toString(wanted));
        }
        return file;
    }
}
