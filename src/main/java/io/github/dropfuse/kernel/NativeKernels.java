package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.MemorySegment;

/** The C kernels on one instruction set. */
public final class NativeKernels implements Kernels {
    /**
     * Up to here a call is short enough to be critical: some 10 microseconds of work, if it does not
     * have to wait for a mapped file's pages.
     */
    static final long SHORT_CALL = 1 << 16;

    private final int tier;
    private final String tierName;

    private NativeKernels(int tier) {
        this.tier = tier;
        this.tierName = tierName(tier);
    }

    /**
     * The kernels of one tier; the library has to be loaded.
     *
     * @param tier a {@code dropfuse_tier} that is available
     * @return the kernels
     */
    static NativeKernels of(int tier) {
        return new NativeKernels(tier);
    }

    static String tierName(int tier) {
        return dropfuse_h.dropfuse_tier_name(tier).getString(0);
    }

    @Override
    public String backend() {
        return "native";
    }

    @Override
    public String tier() {
        return tierName;
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
        long chunk = mask.isNative() ? count : SHORT_CALL;
        for (long from = 0; from < count; from += chunk) {
            long units = Math.min(chunk, count - from);
            MemorySegment part = mask.asSlice(byteOffset + from / 8, (units + 7) / 8);
            int status;
            try {
                if (!mask.isNative()) {
                    status =
                            (int)
                                    NativeCalls.MASK_HEAP.invokeExact(
                                            tier, p, seed, offset, start + from, units, part);
                } else if (units <= SHORT_CALL && !mask.isMapped()) {
                    status =
                            (int)
                                    NativeCalls.MASK_SHORT.invokeExact(
                                            tier, p, seed, offset, start + from, units, part);
                } else {
                    status =
                            (int)
                                    NativeCalls.MASK.invokeExact(
                                            tier, p, seed, offset, start + from, units, part);
                }
            } catch (Throwable e) {
                throw rethrown(e);
            }
            check("dropfuse_mask", status);
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
        int type = code(dtype);
        boolean heap = !x.isNative() || !y.isNative() || !mask.isNative();
        boolean mapped = x.isMapped() || y.isMapped() || mask.isMapped();
        long chunk = heap ? SHORT_CALL : count;
        for (long done = 0; done < count; done += chunk) {
            long from = first + done;
            long elements = Math.min(chunk, count - done);
            int status;
            try {
                if (heap) {
                    status =
                            (int)
                                    NativeCalls.DROP_HEAP.invokeExact(
                                            tier, type, x, y, from, elements, run, cycle, repeat,
                                            mask, p, seed, offset, start, scale);
                } else if (elements <= SHORT_CALL && !mapped) {
                    status =
                            (int)
                                    NativeCalls.DROP_SHORT.invokeExact(
                                            tier, type, x, y, from, elements, run, cycle, repeat,
                                            mask, p, seed, offset, start, scale);
                } else {
                    status =
                            (int)
                                    NativeCalls.DROP.invokeExact(
                                            tier, type, x, y, from, elements, run, cycle, repeat,
                                            mask, p, seed, offset, start, scale);
                }
            } catch (Throwable e) {
                throw rethrown(e);
            }
            check("dropfuse_drop", status);
        }
    }

    @Override
    public void affine(
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
            double scale,
            double shift,
            double dropped) {
        int type = code(dtype);
        boolean heap = !x.isNative() || !y.isNative() || !mask.isNative();
        boolean mapped = x.isMapped() || y.isMapped() || mask.isMapped();
        long chunk = heap ? SHORT_CALL : count;
        for (long done = 0; done < count; done += chunk) {
            long from = first + done;
            long elements = Math.min(chunk, count - done);
            int status;
            try {
                if (heap) {
                    status =
                            (int)
                                    NativeCalls.AFFINE_HEAP.invokeExact(
                                            tier, type, x, y, from, elements, run, cycle, repeat,
                                            mask, p, seed, offset, start, scale, shift, dropped);
                } else if (elements <= SHORT_CALL && !mapped) {
                    status =
                            (int)
                                    NativeCalls.AFFINE_SHORT.invokeExact(
                                            tier, type, x, y, from, elements, run, cycle, repeat,
                                            mask, p, seed, offset, start, scale, shift, dropped);
                } else {
                    status =
                            (int)
                                    NativeCalls.AFFINE.invokeExact(
                                            tier, type, x, y, from, elements, run, cycle, repeat,
                                            mask, p, seed, offset, start, scale, shift, dropped);
                }
            } catch (Throwable e) {
                throw rethrown(e);
            }
            check("dropfuse_affine", status);
        }
    }

    @Override
    public void residual(
            DType dtype,
            MemorySegment x,
            VectorUse use,
            MemorySegment vector,
            long length,
            MemorySegment residual,
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
        int type = code(dtype);
        int operation = code(use);
        boolean heap =
                !x.isNative()
                        || !vector.isNative()
                        || !residual.isNative()
                        || !y.isNative()
                        || !mask.isNative();
        boolean mapped =
                x.isMapped()
                        || vector.isMapped()
                        || residual.isMapped()
                        || y.isMapped()
                        || mask.isMapped();
        long chunk = heap ? SHORT_CALL : count;
        for (long done = 0; done < count; done += chunk) {
            long from = first + done;
            long elements = Math.min(chunk, count - done);
            int status;
            try {
                if (heap) {
                    status =
                            (int)
                                    NativeCalls.RESIDUAL_HEAP.invokeExact(
                                            tier, type, x, operation, vector, length, residual, y,
                                            from, elements, run, cycle, repeat, mask, p, seed,
                                            offset, start, scale);
                } else if (elements <= SHORT_CALL && !mapped) {
                    status =
                            (int)
                                    NativeCalls.RESIDUAL_SHORT.invokeExact(
                                            tier, type, x, operation, vector, length, residual, y,
                                            from, elements, run, cycle, repeat, mask, p, seed,
                                            offset, start, scale);
                } else {
                    status =
                            (int)
                                    NativeCalls.RESIDUAL.invokeExact(
                                            tier, type, x, operation, vector, length, residual, y,
                                            from, elements, run, cycle, repeat, mask, p, seed,
                                            offset, start, scale);
                }
            } catch (Throwable e) {
                throw rethrown(e);
            }
            check("dropfuse_residual", status);
        }
    }

    @Override
    public void sumRows(
            DType dtype,
            MemorySegment dy,
            MemorySegment x,
            MemorySegment sums,
            long first,
            long count,
            long length,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        NativeSums.sumRows(
                tier, code(dtype), dy, x, sums, first, count, length, run, cycle, repeat, mask, p,
                seed, offset, start, scale);
    }

    @Override
    public void sumTree(
            DType dtype, MemorySegment sums, long blocks, long length, MemorySegment y) {
        NativeSums.sumTree(tier, code(dtype), sums, blocks, length, y);
    }

    @Override
    public void mersenneMask(
            MemorySegment state,
            int outputs,
            int bits,
            long threshold,
            boolean above,
            long count,
            MemorySegment mask) {
        NativeFamilies.mersenneMask(tier, state, outputs, bits, threshold, above, count, mask);
    }

    @Override
    public void product(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            long start,
            double divisor,
            double factor) {
        NativeFamilies.product(
                tier, code(dtype), x, y, first, count, run, cycle, repeat, mask, start, divisor,
                factor);
    }

    @Override
    public void normal(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long seed,
            long offset,
            long start,
            boolean multiply,
            double sigma) {
        NativeFamilies.normal(
                tier, code(dtype), x, y, first, count, seed, offset, start, multiply, sigma);
    }

    @Override
    public MemorySegment shareable(MemorySegment segment) {
        MemorySegment view =
                MemorySegment.ofAddress(segment.address()).reinterpret(segment.byteSize());
        return segment.isReadOnly() ? view.asReadOnly() : view;
    }

    static int code(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> dropfuse_h.DROPFUSE_FLOAT32();
            case FLOAT64 -> dropfuse_h.DROPFUSE_FLOAT64();
            case FLOAT16 -> dropfuse_h.DROPFUSE_FLOAT16();
            case BFLOAT16 -> dropfuse_h.DROPFUSE_BFLOAT16();
        };
    }

    static int code(VectorUse use) {
        return switch (use) {
            case NONE -> dropfuse_h.DROPFUSE_VECTOR_NONE();
            case ADD -> dropfuse_h.DROPFUSE_VECTOR_ADD();
            case MULTIPLY -> dropfuse_h.DROPFUSE_VECTOR_MULTIPLY();
        };
    }

    static void check(String function, int status) {
        if (status == dropfuse_h.DROPFUSE_OK()) {
            return;
        }
        String text = dropfuse_h.dropfuse_last_error().getString(0);
        String name =
                status == dropfuse_h.DROPFUSE_INVALID_ARGUMENT()
                        ? "DROPFUSE_INVALID_ARGUMENT"
                        : status == dropfuse_h.DROPFUSE_UNSUPPORTED()
                                ? "DROPFUSE_UNSUPPORTED"
                                : "status";
        throw new DropfuseException(function, status, name, text);
    }

    /** What a downcall throws of itself is unchecked: a closed arena, another thread's arena. */
    static RuntimeException rethrown(Throwable e) {
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
