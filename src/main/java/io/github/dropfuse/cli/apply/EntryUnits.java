package io.github.dropfuse.cli.apply;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.UnitDropout;

/**
 * How a tensor's units lie over the entries of its first dimension: each entry has its own, in
 * order, or all share the same.
 *
 * @param total units of the tensor
 * @param each units of an entry that are its own; 0 where all are shared
 */
record EntryUnits(long total, long each) {
    static EntryUnits of(UnitDropout layer, Tensor whole) {
        long total = layer.units(whole);
        if (whole.rank() == 0 || whole.extent(0) <= 1) {
            return new EntryUnits(total, total);
        }
        long first = layer.units(whole.slice(0, 1));
        return new EntryUnits(total, first == total ? 0 : first);
    }

    /** Whether an entry's units are those of the entries before it. */
    boolean repeats(long entry) {
        return entry > 0 && each == 0;
    }
}
