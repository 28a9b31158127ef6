package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Place;
import java.lang.foreign.MemorySegment;

/** Views of a call's memory for other threads, which confined arenas keep out otherwise. */
final class Views {
    /** Stands for any thread but the current one. */
    private static final Thread ANOTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

    private final Place place;
    private boolean complete = true;

    Views(Place place) {
        this.place = place;
    }

    /** Whether there was a view of everything that was asked for. */
    boolean isComplete() {
        return complete;
    }

    MemorySegment of(MemorySegment segment) {
        MemorySegment view =
                segment.isAccessibleBy(ANOTHER_THREAD) ? segment : place.shareable(segment);
        complete &= view != null;
        return complete ? view : segment;
    }

    /** The view of a tensor; null is none. */
    Tensor of(Tensor tensor) {
        return tensor == null
                ? null
                : Tensor.at(
                        tensor.location(), of(tensor.address()), tensor.dtype(), tensor.shape());
    }

    Mask of(Mask mask) {
        return Mask.at(mask.location(), of(mask.address()), mask.units());
    }

    MaskSource of(MaskSource source) {
        return source instanceof Mask mask ? of(mask) : source;
    }
}
