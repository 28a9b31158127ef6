package io.github.dropfuse.cli.bench;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.PairedTiming;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Kernels and backends that are timed in turns on the same tensors.
 *
 * @param dtype the tensors' type
 * @param elements their size
 * @param threads 1, or as many as there are processors
 * @param kernels what is timed
 * @param backends who is timed
 * @param weight the group's part of the time, relative to others
 */
record BenchGroup(
        DType dtype,
        long elements,
        int threads,
        List<BenchKernel> kernels,
        List<Backend> backends,
        double weight) {
    private static final long SEED = 42;
    private static final long PAGE = 4096;

    /** A thread copies no less than what a split layer call gives it. */
    private static final long COPY_GRAIN = 1 << 19;

    /** The reference at a greater size would take the time of all others. */
    private static final long MOST_ELEMENTS_OF_REFERENCE = 1 << 20;

    private record Contender(
            BenchKernel kernel,
            String backend,
            String tier,
            long size,
            boolean inPlace,
            PairedTiming timing) {}

    /** Measures for about as long as given, but each contender a few times. */
    List<BenchRow> measure(long nanos) {
        try (Arena arena = Arena.ofShared()) {
            List<Contender> contenders = contenders(arena);
            PairedTiming.inTurns(contenders.stream().map(Contender::timing).toList(), nanos);
            return contenders.stream().map(this::row).toList();
        }
    }

    private BenchRow row(Contender one) {
        return new BenchRow(
                one.kernel(), one.backend(), one.tier(), dtype, one.size(), threads, one.inPlace(),
                one.timing().nanos() / one.size(), one.timing().ratio(), one.timing().samples());
    }

    private List<Contender> contenders(Arena arena) {
        Tensor x = tensor(arena);
        Tensor y = tensor(arena);
        for (long e = 0; e < elements; e++) {
            x.set(e, e % 251 - 125);
        }
        BenchTensors tensors =
                new BenchTensors(
                        x,
                        y,
                        kernels.stream().anyMatch(BenchKernel::second) ? tensor(arena) : y,
                        arena,
                        length -> Tensor.allocate(arena, dtype, length),
                        units -> Mask.allocate(arena, units));
        List<Contender> all = new ArrayList<>();
        Runnable copy = () -> copy(x, y);
        all.add(
                new Contender(
                        BenchKernel.COPY, "memcpy", "java", elements, false,
                        new PairedTiming(copy, copy)));
        for (Backend backend : backends) {
            if (backend == Backends.reference() && elements > MOST_ELEMENTS_OF_REFERENCE) {
                continue;
            }
            for (BenchKernel kernel : kernels) {
                for (boolean inPlace : kernel.places(elements)) {
                    all.add(contender(kernel, backend, inPlace, tensors));
                }
            }
        }
        return all;
    }

    private Contender contender(
            BenchKernel kernel, Backend backend, boolean inPlace, BenchTensors whole) {
        BenchTensors tensors = whole.forKernel(kernel, inPlace);
        long size = tensors.x().size();
        Tensor from = whole.x().slice(0, size);
        Execution execution = Execution.automatic().on(backend);
        Consumer<PhiloxState> work =
                kernel.on(
                        tensors, kernel.p(), threads == 1 ? execution.sequential() : execution);
        Generator generator = Generator.seeded(SEED);
        return new Contender(
                kernel, backend.name(), backend.tier(), size, inPlace,
                new PairedTiming(
                        () -> work.accept(generator.next()), () -> copy(from, tensors.y())));
    }

    /** Begins at a page, and all of its pages have been written. */
    private Tensor tensor(Arena arena) {
        MemorySegment segment = arena.allocate(elements * dtype.byteSize(), PAGE);
        return Tensor.of(segment, dtype, elements);
    }

    private void copy(Tensor x, Tensor y) {
        long size = x.byteSize();
        long pieces = Math.clamp(size / COPY_GRAIN, 1, threads);
        long piece = -Math.floorDiv(-size, pieces);
        if (pieces == 1) {
            copy(x, y, 0, size);
        } else {
            LongStream.range(0, pieces)
                    .parallel()
                    .forEach(i -> copy(x, y, i * piece, Math.min(piece, size - i * piece)));
        }
    }

    private static void copy(Tensor x, Tensor y, long from, long count) {
        MemorySegment.copy(x.segment(), from, y.segment(), from, count);
    }
}
