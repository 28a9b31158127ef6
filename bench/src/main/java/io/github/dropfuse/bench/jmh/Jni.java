package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.bench.Places;

/** The same kernel as JNI would bring it: what FFM's cost is compared with. */
final class Jni {
    static {
        System.load(Places.nativeLibrary("dropfuse_bench").toString());
    }

    private Jni() {}

    static native void nothing();

    static native int drop(
            int tier,
            int dtype,
            long x,
            long y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            long mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale);
}
