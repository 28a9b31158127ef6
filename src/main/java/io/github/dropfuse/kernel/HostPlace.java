package io.github.dropfuse.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The host, as plain Java or one instruction set of the native library computes on it.
 *
 * @param backend the backend's name
 * @param tier the instruction set
 * @param isNative whether the backend is given native access, which a view for other threads takes
 */
record HostPlace(String backend, String tier, boolean isNative) implements Place {
    @Override
    public MemorySegment shareable(MemorySegment segment) {
        if (!isNative || !segment.isNative()) {
            return null;
        }
        MemorySegment view =
                MemorySegment.ofAddress(segment.address()).reinterpret(segment.byteSize());
        return segment.isReadOnly() ? view.asReadOnly() : view;
    }
}
