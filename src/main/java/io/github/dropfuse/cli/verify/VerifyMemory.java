package io.github.dropfuse.cli.verify;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** The operands of a verified call in some memory, or one shard of them. */
final class VerifyMemory {
    private record Entry(VerifyOperand operand, long[] shape, MemorySegment segment) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    void add(VerifyOperand operand, MemorySegment segment) {
        entries.put(operand.name(), new Entry(operand, operand.shape(), segment));
    }

    /** Those entries of the first dimension that a shard has. */
    VerifyMemory shard(long from, long to) {
        VerifyMemory shard = new VerifyMemory();
        entries.forEach(
                (name, entry) ->
                        shard.entries.put(
                                name, entry.operand.cut() ? part(entry, from, to) : entry));
        return shard;
    }

    private static Entry part(Entry entry, long from, long to) {
        long[] shape = entry.shape.clone();
        long row = shape[0] == 0 ? 0 : entry.segment.byteSize() / shape[0];
        shape[0] = to - from;
        return new Entry(
                entry.operand, shape, entry.segment.asSlice(from * row, (to - from) * row));
    }

    /** An operand's memory. */
    MemorySegment segment(String name) {
        return entries.get(name).segment;
    }

    /** An operand as a tensor; null if the call has none of this name. */
    Tensor tensor(String name) {
        Entry entry = entries.get(name);
        return entry == null
                ? null
                : Tensor.of(entry.segment, entry.operand.dtype(), entry.shape);
    }

    /** The stored mask of so many units if the call has one, or else the state. */
    MaskSource source(PhiloxState state, long units) {
        Entry mask = entries.get(VerifyOperand.MASK);
        return mask == null ? state : Mask.of(mask.segment, units);
    }
}
