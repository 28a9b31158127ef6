package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Place;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Views of a call's memory for other threads, which confined arenas keep out otherwise. */
final class Views {
    /** Stands for any thread but the current one. */
    private static final Thread ANOTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

    private final Place place;
    private final List<MemorySegment> confined = new ArrayList<>();
    private boolean complete = true;

    Views(Place place) {
        this.place = place;
    }

    /** Whether there was a view of everything that was asked for. */
    boolean isComplete() {
        return complete;
    }

    MemorySegment of(MemorySegment segment) {
        if (segment.isAccessibleBy(ANOTHER_THREAD)) {
            return segment;
        }
        confined.add(segment);
        MemorySegment view = place.shareable(segment);
        complete &= view != null;
        return complete ? view : segment;
    }

    /**
     * Throws FFM's exception where an arena has been closed meanwhile, or is another thread's.
     * Views do not hold their arenas; only the calling thread can close those.
     */
    void check() {
        confined.forEach(Checks::accessible);
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
