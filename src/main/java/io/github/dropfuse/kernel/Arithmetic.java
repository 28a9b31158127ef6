package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;

/** The operations of a compute type, each rounded once to it. Values are carried as doubles. */
enum Arithmetic {
    FLOAT32 {
        @Override
        double round(double a) {
            return (float) a;
        }

        @Override
        double sum(double a, double b) {
            return (float) a + (float) b;
        }

        @Override
        double product(double a, double b) {
            return (float) a * (float) b;
        }

        @Override
        double fma(double a, double b, double c) {
            return Math.fma((float) a, (float) b, (float) c);
        }
    },

    FLOAT64 {
        @Override
        double round(double a) {
            return a;
        }

        @Override
        double sum(double a, double b) {
            return a + b;
        }

        @Override
        double product(double a, double b) {
            return a * b;
        }

        @Override
        double fma(double a, double b, double c) {
            return Math.fma(a, b, c);
        }
    };

    /** What tensors of a type are computed with. */
    static Arithmetic of(DType dtype) {
        return dtype.computesIn() == DType.FLOAT64 ? FLOAT64 : FLOAT32;
    }

    /** A constant in this type. */
    abstract double round(double a);

    /** a + b. */
    abstract double sum(double a, double b);

    /** a * b. */
    abstract double product(double a, double b);

    /** a * b + c with one rounding. */
    abstract double fma(double a, double b, double c);
}
