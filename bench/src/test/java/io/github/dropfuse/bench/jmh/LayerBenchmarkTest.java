package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.cli.bench.BenchKernel;
import io.github.dropfuse.layer.Backends;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That each call leaves the bits of the reference in all tensors, vectors and masks. */
class LayerBenchmarkTest {
    /** Over twice the smallest piece of a split call. */
    private static final long ELEMENTS = 2 * Workload.SAMPLE;

    private static final String OURS = "io.github.dropfuse.bench.jmh.Results#ours";

    @ParameterizedTest
    @MethodSource(OURS)
    void besideCopy(String backend, String dtype, String threads) {
        check(backend, dtype, threads, "besideCopy", (b, w) -> b.besideCopy(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void besideSum(String backend, String dtype, String threads) {
        check(backend, dtype, threads, "besideSum", (b, w) -> b.besideSum(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void besideSumInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, "besideSumInPlace", (b, w) -> b.besideSumInPlace(w, null));
    }

    private static void check(
            String backend,
            String dtype,
            String threads,
            String method,
            BiConsumer<LayerBenchmark, Workload> call) {
        int tried = 0;
        for (BenchKernel kernel : BenchKernel.all()) {
            for (boolean inPlace : kernel.places(ELEMENTS)) {
                if (!LayerBenchmark.method(kernel, inPlace).equals(method)) {
                    continue;
                }
                String reference = Backends.reference().toString();
                Workload expected = run(reference, dtype, "1", kernel, inPlace, call);
                Workload actual = run(backend, dtype, threads, kernel, inPlace, call);
                List<MemorySegment> memory = actual.memory();
                assertFalse(memory.isEmpty());
                assertTrue(changes(expected, before(dtype, kernel, inPlace)), kernel::name);
                tried++;
                for (int i = 0; i < memory.size(); i++) {
                    assertEquals(-1, expected.memory().get(i).mismatch(memory.get(i)), kernel::name);
                }
                expected.free();
                actual.free();
            }
        }
        assertTrue(tried > 0, "no kernel is timed by " + method);
    }

    /** What a call finds. */
    private static Workload before(String dtype, BenchKernel kernel, boolean inPlace) {
        String reference = Backends.reference().toString();
        return run(reference, dtype, "1", kernel, inPlace, (benchmark, workload) -> {});
    }

    /** Whether a call has written anything. */
    private static boolean changes(Workload after, Workload before) {
        boolean changed = after.memory().size() != before.memory().size();
        for (int i = 0; !changed && i < after.memory().size(); i++) {
            changed = before.memory().get(i).mismatch(after.memory().get(i)) >= 0;
        }
        before.free();
        return changed;
    }

    private static Workload run(
            String backend,
            String dtype,
            String threads,
            BenchKernel kernel,
            boolean inPlace,
            BiConsumer<LayerBenchmark, Workload> call) {
        Workload w = Results.workload(ELEMENTS, dtype, threads, kernel.p());
        giveOutputOtherValues(w);
        LayerBenchmark benchmark = new LayerBenchmark();
        benchmark.kernel = kernel.name();
        benchmark.inPlace = inPlace;
        benchmark.prepare(w, Results.backend(backend));
        call.accept(benchmark, w);
        return w;
    }

    /** The input's, one element on: what is copied from one to the other is seen. */
    private static void giveOutputOtherValues(Workload w) {
        long element = w.x().dtype().byteSize();
        long rest = w.x().byteSize() - element;
        MemorySegment.copy(w.x().segment(), element, w.y().segment(), 0, rest);
    }
}
