package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;

/** A unit is an entry of the first dimension. */
final class SampleUnits extends Units {
    static final SampleUnits INSTANCE = new SampleUnits();

    private SampleUnits() {}

    @Override
    void check(String name, Tensor x) {
        if (x.rank() == 0) {
            throw new IllegalArgumentException(
                    name + " has rank 0, allowed are 1 and more: the first dimension is the batch");
        }
    }

    @Override
    long count(Tensor x) {
        return x.size() == 0 ? 0 : x.extent(0);
    }

    @Override
    long run(Tensor x) {
        return x.size() / x.extent(0);
    }

    @Override
    public String toString() {
        return "samples";
    }
}
