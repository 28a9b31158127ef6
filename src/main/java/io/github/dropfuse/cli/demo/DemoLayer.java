package io.github.dropfuse.cli.demo;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.layer.UnitDropout;
import java.lang.foreign.Arena;
import java.util.Locale;

/** A layer that the demo runs on images (N, 8, 8), and how it looks at them. */
enum DemoLayer {
    /** Pixels. */
    DROPOUT("Dropout", "each pixel dropped or kept") {
        @Override
        Call on(double p, Execution execution, Tensor x, PhiloxState state) {
            return new Drawn(new Dropout(p).with(execution), state);
        }
    },

    /** Images. */
    DROPPATH("DropPath", "each sample dropped or kept") {
        @Override
        Call on(double p, Execution execution, Tensor x, PhiloxState state) {
            return new Drawn(new DropPath(p).with(execution), state);
        }
    },

    /** Two images each are the channels of a sample. */
    DROPOUT2D("Dropout2d", "each channel, two make a sample") {
        @Override
        Tensor view(Tensor images, Arena arena) {
            long samples = images.extent(0) / 2;
            return images.slice(0, 2 * samples).reshape(samples, 2, SIDE, SIDE);
        }

        @Override
        Call on(double p, Execution execution, Tensor x, PhiloxState state) {
            return new Drawn(new Dropout2d(p).with(execution), state);
        }
    },

    /** Squares of 3 by 3 pixels. */
    DROPBLOCK2D("DropBlock", "blocks of 3 × 3 pixels") {
        @Override
        Tensor view(Tensor images, Arena arena) {
            return images.reshape(images.extent(0), 1, SIDE, SIDE);
        }

        @Override
        Call on(double p, Execution execution, Tensor x, PhiloxState state) {
            return new Drawn(new DropBlock(2, p, 3).with(execution), state);
        }
    },

    /** Patches of 2 by 2 pixels are tokens. */
    TOKENDROP("TokenDrop", "half of the 2 × 2 patches left out") {
        @Override
        Tensor view(Tensor images, Arena arena) {
            long samples = images.extent(0);
            Tensor tokens =
                    Tensor.allocate(arena, images.dtype(), samples, PATCHES, PATCH * PATCH);
            for (long pixel = 0; pixel < images.size(); pixel++) {
                tokens.set(place(pixel), images.get(pixel));
            }
            return tokens;
        }

        @Override
        Call on(double p, Execution execution, Tensor x, PhiloxState state) {
            TokenDrop layer = new TokenDrop(p, 0).with(execution);
            int samples = Math.toIntExact(x.extent(0));
            return new Tokens(layer, layer.indices(samples, PATCHES, state));
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

    DemoLayer(String title, String note) {
        this.title = title;
        this.note = note;
    }

    /** The layer's name in the picture. */
    String title() {
        return title;
    }

    /** What is dropped. */
    String note() {
        return note;
    }

    /** Images as the layer takes them. */
    Tensor view(Tensor images, Arena arena) {
        return images;
    }

    /** The layer's call for an input, which is not read yet. */
    abstract Call on(double p, Execution execution, Tensor x, PhiloxState state);

    /** The factor of kept values. */
    double factor(double p) {
        return this == TOKENDROP ? 1 : 1 / (1 - p);
    }

    /** Where a pixel is in the layer's {@link #view}. */
    long place(long pixel) {
        return pixel;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A call of a layer for some input. */
    interface Call {
        /** The shape of the output. */
        default long[] outputShape(Tensor x) {
            return x.shape();
        }

        void forward(Tensor x, Tensor y);

        void backward(Tensor dy, Tensor dx);

        /** Which units are kept. */
        Mask kept(Arena arena, Tensor x);

        /** The output in the input's shape, with zeros for what is left out. */
        default Tensor whole(Arena arena, Tensor x, Tensor y) {
            return y;
        }
    }

    private interface Pass {
        void run(Tensor from, Tensor to, PhiloxState state);
    }

    private interface Masks {
        Mask of(Arena arena, Tensor x, PhiloxState state);
    }

    /** A call that a state decides. */
    private record Drawn(Pass there, Pass back, Masks masks, PhiloxState state) implements Call {
        Drawn(UnitDropout layer, PhiloxState state) {
            this(layer::forward, layer::backward, layer::mask, state);
        }

        Drawn(DropBlock layer, PhiloxState state) {
            this(layer::forward, layer::backward, layer::mask, state);
        }

        @Override
        public void forward(Tensor x, Tensor y) {
            there.run(x, y, state);
        }

        @Override
        public void backward(Tensor dy, Tensor dx) {
            back.run(dy, dx, state);
        }

        @Override
        public Mask kept(Arena arena, Tensor x) {
            return masks.of(arena, x, state);
        }
    }

    /** A call that indices decide. */
    private record Tokens(TokenDrop layer, long[] indices) implements Call {
        @Override
        public long[] outputShape(Tensor x) {
            return new long[] {x.extent(0), layer.kept(PATCHES), x.extent(2)};
        }

        @Override
        public void forward(Tensor x, Tensor y) {
            layer.forward(x, y, indices);
        }

        @Override
        public void backward(Tensor dy, Tensor dx) {
            layer.backward(dy, dx, indices);
        }

        @Override
        public Mask kept(Arena arena, Tensor x) {
            Mask mask = Mask.allocate(arena, x.extent(0) * PATCHES);
            long each = layer.kept(PATCHES);
            for (int j = 0; j < indices.length; j++) {
                mask.set(j / each * PATCHES + indices[j], true);
            }
            return mask;
        }

        @Override
        public Tensor whole(Arena arena, Tensor x, Tensor y) {
            Tensor whole = Tensor.allocate(arena, x.dtype(), x.shape());
            backward(y, whole);
            return whole;
        }
    }
}
