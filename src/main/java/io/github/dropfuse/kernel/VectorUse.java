package io.github.dropfuse.kernel;

/** What {@link Kernels#residual} does with its vector, before it scales. */
public enum VectorUse {
    /** Nothing. */
    NONE {
        @Override
        double apply(Arithmetic in, double x, double vector) {
            return x;
        }
    },

    /** It is added, as a bias. */
    ADD {
        @Override
        double apply(Arithmetic in, double x, double vector) {
            return in.sum(x, vector);
        }
    },

    /** It is multiplied with, as LayerScale's γ. */
    MULTIPLY {
        @Override
        double apply(Arithmetic in, double x, double vector) {
            return in.product(x, vector);
        }
    };

    abstract double apply(Arithmetic in, double x, double vector);
}
