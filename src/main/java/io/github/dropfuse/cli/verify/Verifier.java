package io.github.dropfuse.cli.verify;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Bits;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Computes a case on a backend as it says, and plainly on the reference, and compares all bits. */
final class Verifier implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final VerifyCase task;
    private final Map<String, MemorySegment> contents = new HashMap<>();
    private final VerifyMemory expected = new VerifyMemory();

    Verifier(VerifyCase task) {
        this.task = task;
        SplittableRandom random = new SplittableRandom(task.content());
        for (VerifyOperand operand : task.operands()) {
            MemorySegment segment = arena.allocate(operand.byteSize(), 64);
            if (operand.use() != VerifyOperand.Use.WRITTEN) {
                fill(operand, segment, random);
                contents.put(operand.name(), segment);
            }
            expected.add(operand, segment);
        }
        for (VerifyOperand operand : task.operands()) {
            if (operand.use() == VerifyOperand.Use.CHANGED) {
                MemorySegment before = contents.get(operand.name());
                MemorySegment result = arena.allocate(operand.byteSize(), 64);
                expected.add(operand, result.copyFrom(before));
            }
        }
        Execution plain = Execution.automatic().on(Backends.reference()).sequential();
        task.subject().call(expected, 0, plain);
    }

    /** Half of the cases have all patterns of bits, the others values of moderate size. */
    private void fill(VerifyOperand operand, MemorySegment segment, SplittableRandom random) {
        if ((task.content() & 1) == 0 || operand.dtype() == null) {
            byte[] bytes = new byte[Math.toIntExact(segment.byteSize())];
            random.nextBytes(bytes);
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
            return;
        }
        Tensor tensor = Tensor.of(segment, operand.dtype(), operand.shape());
        for (long i = 0; i < tensor.size(); i++) {
            tensor.set(i, random.nextDouble(-4, 4));
        }
    }

    /** What a backend does differently, in words; empty where all bits are equal. */
    Optional<String> compare(Backend backend) {
        Execution execution = Execution.automatic().on(backend);
        Map<String, VerifyGuard> guards = new HashMap<>();
        VerifyMemory memory = place(guards);
        try {
            run(memory, task.split() ? execution : execution.sequential());
        } catch (RuntimeException e) {
            return Optional.of(backend + " fails: " + e);
        }
        return difference(memory, guards).map(what -> backend + " " + what);
    }

    private VerifyMemory place(Map<String, VerifyGuard> guards) {
        VerifyMemory memory = new VerifyMemory();
        for (int i = 0; i < task.operands().size(); i++) {
            VerifyOperand operand = task.operands().get(i);
            VerifyGuard guard =
                    operand.place() != null
                            ? guards.get(operand.place())
                            : new VerifyGuard(arena, task.places().get(i), operand.byteSize());
            guards.put(operand.name(), guard);
            if (contents.containsKey(operand.name())) {
                guard.segment().copyFrom(contents.get(operand.name()));
            }
            memory.add(operand, guard.segment());
        }
        return memory;
    }

    private void run(VerifyMemory memory, Execution execution) {
        if (task.cuts().length == 0) {
            task.subject().call(memory, 0, execution);
            return;
        }
        long from = 0;
        for (long to : task.cuts()) {
            task.subject().call(memory.shard(from, to), from, execution);
            from = to;
        }
        task.subject().call(memory.shard(from, task.subject().rows()), from, execution);
    }

    private Optional<String> difference(VerifyMemory memory, Map<String, VerifyGuard> guards) {
        for (VerifyOperand operand : task.operands()) {
            if (!guards.get(operand.name()).isIntact()) {
                return Optional.of("writes outside of " + operand.name());
            }
            if (operand.use() != VerifyOperand.Use.READ) {
                Optional<String> difference = difference(operand, memory);
                if (difference.isPresent()) {
                    return difference;
                }
            } else if (!isReplaced(operand)
                    && memory.segment(operand.name()).mismatch(contents.get(operand.name())) >= 0) {
                return Optional.of("changes its input " + operand.name());
            }
        }
        return Optional.empty();
    }

    private boolean isReplaced(VerifyOperand input) {
        return task.operands().stream().anyMatch(other -> input.name().equals(other.place()));
    }

    private Optional<String> difference(VerifyOperand operand, VerifyMemory memory) {
        String name = operand.name();
        if (operand.dtype() == null) {
            MemorySegment got = memory.segment(name);
            MemorySegment wanted = expected.segment(name);
            long at = got.mismatch(wanted);
            return at < 0
                    ? Optional.empty()
                    : Optional.of(
                            "gives " + hex(got, at) + " in byte " + at + " of " + name
                                    + ", the reference " + hex(wanted, at));
        }
        Tensor got = memory.tensor(name);
        Tensor wanted = expected.tensor(name);
        long at = Bits.firstDifference(got, wanted);
        return at < 0
                ? Optional.empty()
                : Optional.of(
                        "gives " + Bits.hex(got, at) + " at element " + at + " of " + name
                                + ", the reference " + Bits.hex(wanted, at));
    }

    private static String hex(MemorySegment segment, long at) {
        return String.format("0x%02x", segment.get(ValueLayout.JAVA_BYTE, at));
    }

    @Override
    public void close() {
        arena.close();
    }
}
