package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;

/** A unit is the tensor. */
final class BatchUnits extends Units {
    static final BatchUnits INSTANCE = new BatchUnits();

    private BatchUnits() {}

    @Override
    void check(String name, Tensor x) {
        SampleUnits.INSTANCE.check(name, x);
    }

    @Override
    long count(Tensor x) {
        return x.size() == 0 ? 0 : 1;
    }

    @Override
    long run(Tensor x) {
        return x.size();
    }

    @Override
    public String toString() {
        return "batch";
    }
}
