package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.bench.Places;

/** The same kernel as JNI would bring it: what FFM's cost is compared with. */
final class Jni {
    static {
        System.load(Places.nativeLibrary("dropfuse_bench").toString());
    }

    private Jni() {}

    static native void nothing();

    /** One decision for each element of float32; the place is a {@code dropfuse_place}. */
    static native int drop(
            long place,
            long x,
            long y,
            long count,
            double p,
            long seed,
            long offset,
            double scale);
}
