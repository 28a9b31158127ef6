package io.github.dropfuse.cli.demo;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.layer.Pass;
import io.github.dropfuse.layer.TokenDrop;
import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** A layer that the demo runs on images (N, 8, 8), and how it looks at them. */
enum DemoLayer {
    /** Pixels. */
    DROPOUT("Dropout", "each pixel dropped or kept", Dropout::new),

    /** Images. */
    DROPPATH("DropPath", "each sample dropped or kept", DropPath::new),

    /** Two images each are the channels of a sample. */
    DROPOUT2D("Dropout2d", "each channel, two make a sample", Dropout2d::new) {
        @Override
        Tensor view(Tensor images, Arena arena) {
            long samples = images.extent(0) / 2;
            return images.slice(0, 2 * samples).reshape(samples, 2, SIDE, SIDE);
        }
    },

    /** Squares of 3 by 3 pixels. */
    DROPBLOCK2D("DropBlock", "blocks of 3 × 3 pixels", p -> new DropBlock(2, p, 3)) {
        @Override
        Tensor view(Tensor images, Arena arena) {
            return images.reshape(images.extent(0), 1, SIDE, SIDE);
        }
    },

    /** Patches of 2 by 2 pixels are tokens. */
    TOKENDROP("TokenDrop", "half of the 2 × 2 patches left out", p -> new TokenDrop(p, 0)) {
        @Override
        Tensor view(Tensor images, Arena arena) {
            Tensor tokens =
                    Tensor.allocate(
                            arena, images.dtype(), images.extent(0), PATCHES, PATCH * PATCH);
            for (long pixel = 0; pixel < images.size(); pixel++) {
                tokens.set(place(pixel), images.get(pixel));
            }
            return tokens;
        }

        @Override
        long place(long pixel) {
            long column = pixel % SIDE;
            long row = pixel / SIDE % SIDE;
            long token = row / PATCH * (SIDE / PATCH) + column / PATCH;
            long within = row % PATCH * PATCH + column % PATCH;
            return pixel / (SIDE * SIDE) * (SIDE * SIDE) + token * PATCH * PATCH + within;
        }
    };

    /** Pixels along an image. */
    static final int SIDE = 8;

    private static final int PATCH = 2;
    private static final int PATCHES = SIDE / PATCH * (SIDE / PATCH);

    private final String title;
    private final String note;
    private final DoubleFunction<Layer> maker;

    DemoLayer(String title, String note, DoubleFunction<Layer> maker) {
        this.title = title;
        this.note = note;
        this.maker = maker;
    }

    /** The layer's name in the picture. */
    String title() {
        return title;
    }

    /** What is dropped. */
    String note() {
        return note;
    }

    Layer make(double p) {
        return maker.apply(p);
    }

    /** Images as the layer takes them. */
    Tensor view(Tensor images, Arena arena) {
        return images;
    }

    /** Where a pixel is in the layer's {@link #view}. */
    long place(long pixel) {
        return pixel;
    }

    /** The shape of the output of the layer's {@link #view}. */
    long[] outputShape(Layer layer, Tensor view) {
        Pass forward = type().pass(Pass.FORWARD);
        return forward.operands().get(forward.output()).extents().of(layer, view.shape());
    }

    /** The factor of kept values. */
    double factor(Layer layer) {
        return type().strength().value().of(layer, 1, 1);
    }

    private LayerType type() {
        return Catalogue.named(toString());
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
