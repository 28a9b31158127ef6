package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SmallCallBenchmarkTest {
    private static final double P = 0.1;

    private final SmallCallBenchmark benchmark = new SmallCallBenchmark();

    SmallCallBenchmarkTest() {
        benchmark.elements = 64;
        benchmark.prepare();
    }

    @Test
    void layer() {
        benchmark.layer();
        assertDropped(0);
    }

    @Test
    void layerAndGenerator() {
        benchmark.layerAndGenerator();
        assertDropped(0);
    }

    @Test
    void kernels() {
        benchmark.kernels();
        assertDropped(0);
    }

    @Test
    void ffmCritical() throws Throwable {
        assertEquals(0, benchmark.ffmCritical());
        assertDropped(0);
    }

    @Test
    void ffm() throws Throwable {
        assertEquals(0, benchmark.ffm());
        assertDropped(0);
    }

    @Test
    void jni() {
        assertEquals(0, benchmark.jni());
        assertDropped(0);
    }

    @Test
    void c() throws Throwable {
        assertEquals(0, benchmark.c());
        assertDropped(SmallCallBenchmark.C_CALLS - 1);
    }

    @Test
    void emptyFfmCritical() throws Throwable {
        benchmark.emptyFfmCritical();
    }

    @Test
    void emptyFfm() throws Throwable {
        benchmark.emptyFfm();
    }

    @Test
    void emptyJni() {
        benchmark.emptyJni();
    }

    private void assertDropped(long offset) {
        Results.assertDropped(benchmark.x, benchmark.y, P, offset);
    }
}
