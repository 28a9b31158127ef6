package io.github.dropfuse.cli.bench;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.CpuClock;
import io.github.dropfuse.cli.common.PairedTiming;
import io.github.dropfuse.cli.common.TimedWork;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Kernels and backends that are timed in turns on the same tensors.
 *
 * @param dtype the tensors' type
 * @param elements their size
 * @param threads 1, or as many as there are processors
 * @param cold whether calls go round in so many tensors that no cache has the next one
 * @param kernels what is timed
 * @param backends who is timed
 * @param weight the group's part of the time, relative to others
 */
record BenchGroup(
        DType dtype,
        long elements,
        int threads,
        boolean cold,
        List<BenchKernel> kernels,
        List<Backend> backends,
        double weight) {
    private static final long SEED = 42;
    private static final long PAGE = 4096;

    /** A thread copies no less, in bytes; this is what Dropout in float32 gives it. */
    private static final long COPY_GRAIN = 1 << 19;

    /** The reference at a greater size would take the time of all others. */
    private static final long MOST_ELEMENTS_OF_REFERENCE = 1 << 20;

    /** Beyond any cache, of each of two tensors. */
    private static final long RING_BYTES = 1 << 27;

    /** Calls after which what is added to is restored: sums stay below 2^10 times the values. */
    private static final int CALLS_OF_SUMS = 256;

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
                cold, BenchTimes.of(one.timing()));
    }

    private List<Contender> contenders(Arena arena) {
        long ring = cold ? Math.max(2, RING_BYTES / (elements * dtype.byteSize())) : 1;
        List<BenchTensors> slots =
                Stream.generate(() -> tensors(arena)).limit(ring).toList();
        List<Contender> all = new ArrayList<>();
        TimedWork copy = TimedWork.of(copies(slots, BenchTensors::x, BenchTensors::y), clock());
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
                    if (!(inPlace && cold)) {
                        all.add(contender(kernel, backend, inPlace, slots));
                    }
                }
            }
        }
        return all;
    }

    private BenchTensors tensors(Arena arena) {
        Tensor x = tensor(arena);
        Tensor y = tensor(arena);
        for (long e = 0; e < elements; e++) {
            x.set(e, e % 251 - 125.5);
        }
        y.copyFrom(x);
        Tensor second = kernels.stream().anyMatch(BenchKernel::second) ? tensor(arena) : y;
        second.copyFrom(x);
        return new BenchTensors(
                x,
                y,
                second,
                arena,
                length -> Tensor.allocate(arena, dtype, length),
                units -> Mask.allocate(arena, units));
    }

    private Contender contender(
            BenchKernel kernel, Backend backend, boolean inPlace, List<BenchTensors> slots) {
        List<BenchTensors> parts =
                slots.stream().map(slot -> slot.forKernel(kernel, inPlace)).toList();
        long size = parts.getFirst().x().size();
        Execution execution = Execution.automatic().on(backend);
        List<Consumer<PhiloxState>> calls =
                parts.stream()
                        .map(
                                tensors ->
                                        kernel.on(
                                                tensors, kernel.p(),
                                                threads == 1 ? execution.sequential() : execution))
                        .toList();
        Generator generator = Generator.seeded(SEED);
        Supplier<Consumer<PhiloxState>> next = inTurn(calls);
        Runnable work = () -> next.get().accept(generator.next());
        Tensor x = slots.getFirst().x();
        Tensor y = slots.getFirst().y();
        TimedWork timed =
                inPlace
                        ? new TimedWork(work, () -> y.copyFrom(x), callsInPlace(kernel), clock())
                        : TimedWork.of(work, clock());
        Runnable copies =
                copies(slots, slot -> slot.x().slice(0, size), slot -> slot.y().slice(0, size));
        return new Contender(
                kernel, backend.name(), backend.tier(), size, inPlace,
                new PairedTiming(timed, TimedWork.of(copies, clock())));
    }

    /** Of values that are overwritten with what is left of them, half are left in the end. */
    private static int callsInPlace(BenchKernel kernel) {
        return kernel.adds()
                ? CALLS_OF_SUMS
                : Math.max(1, (int) (Math.log(0.5) / Math.log1p(-kernel.p())));
    }

    private CpuClock clock() {
        return threads == 1 ? CpuClock.THREAD : CpuClock.ALL_THREADS;
    }

    private Runnable copies(
            List<BenchTensors> slots,
            Function<BenchTensors, Tensor> from,
            Function<BenchTensors, Tensor> to) {
        Supplier<Runnable> next =
                inTurn(
                        slots.stream()
                                .<Runnable>map(
                                        slot -> {
                                            Tensor x = from.apply(slot);
                                            Tensor y = to.apply(slot);
                                            return () -> copy(x, y);
                                        })
                                .toList());
        return () -> next.get().run();
    }

    /** One after the other, but no neighbours, which prefetchers would fetch. */
    private static <T> Supplier<T> inTurn(List<T> all) {
        if (all.size() == 1) {
            T only = all.getFirst();
            return () -> only;
        }
        int stride = (int) (all.size() * 0.618) | 1;
        int[] at = {0};
        return () -> all.get(at[0] = (at[0] + stride) % all.size());
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
