package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The reference with a fault, to see whether it is found. */
public enum FaultyBackend {
    /** The lowest bit of an element is wrong. */
    WRONG_BIT {
        @Override
        void afterDrop(MemorySegment x, MemorySegment y, long at, int width, long first, long count) {
            flip(y, at + (count - 1) * width, 1);
        }
    },

    /** The input is changed. */
    INPUT_CHANGED {
        @Override
        void afterDrop(MemorySegment x, MemorySegment y, long at, int width, long first, long count) {
            if (!x.asOverlappingSlice(y).isPresent()) {
                flip(x, at, 1);
            }
        }
    },

    /** A bit past the end of a mask is set, or a decision is wrong. */
    WRONG_MASK {
        @Override
        void afterMask(MemorySegment mask, long lastByte) {
            flip(mask, lastByte, 0x80);
        }
    },

    /** Units of shards are counted from 0. */
    START_IGNORED {
        @Override
        long start(long start) {
            return 0;
        }
    };

    void afterDrop(MemorySegment x, MemorySegment y, long at, int width, long first, long count) {}

    void afterMask(MemorySegment mask, long lastByte) {}

    long start(long start) {
        return start;
    }

    /** The backend. */
    public Backend backend() {
        return new Backend(new Faulty(this));
    }

    private static void flip(MemorySegment segment, long at, int bits) {
        byte value = segment.get(ValueLayout.JAVA_BYTE, at);
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) (value ^ bits));
    }

    private record Faulty(FaultyBackend fault) implements Kernels {
        private static final Kernels REFERENCE = BackendRegistry.get().available().getLast();

        @Override
        public String backend() {
            return "faulty";
        }

        @Override
        public String tier() {
            return "java";
        }

        @Override
        public void mask(
                double p,
                long seed,
                long offset,
                long start,
                long count,
                MemorySegment mask,
                long byteOffset) {
            REFERENCE.mask(p, seed, offset, fault.start(start), count, mask, byteOffset);
            if (count > 0) {
                fault.afterMask(mask, byteOffset + (count - 1) / 8);
            }
        }

        @Override
        public void drop(
                DType dtype,
                MemorySegment x,
                MemorySegment y,
                long first,
                long count,
                long run,
                long cycle,
                long repeat,
                MemorySegment mask,
                double p,
                long seed,
                long offset,
                long start,
                double scale) {
            REFERENCE.drop(
                    dtype, x, y, first, count, run, cycle, repeat, mask, p, seed, offset,
                    mask.equals(MemorySegment.NULL) ? fault.start(start) : start, scale);
            if (count > 0) {
                int width = dtype.byteSize();
                fault.afterDrop(x, y, first * width, width, first, count);
            }
        }

        @Override
        public MemorySegment shareable(MemorySegment segment) {
            return REFERENCE.shareable(segment);
        }
    }
}
