package io.github.dropfuse.testing;

import io.github.dropfuse.ffi.dropfuse_cuda_properties;
import io.github.dropfuse.ffi.dropfuse_place;

/** Run in a process of its own: initialises the bindings, without a native library. */
public final class BindingsMain {
    private BindingsMain() {}

    public static void main(String[] arguments) {
        System.out.println(dropfuse_place.layout());
        System.out.println(dropfuse_cuda_properties.layout());
    }
}
