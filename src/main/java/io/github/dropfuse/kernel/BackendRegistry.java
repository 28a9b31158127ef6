package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_h;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is there on this machine: the kernels that can run, best first, and for each that cannot the
 * reason. Determined once, at first use.
 *
 * @param available kernels that can run, best first; the reference is the last
 * @param missing reasons by "backend" or "backend/tier"
 */
public record BackendRegistry(List<Kernels> available, Map<String, String> missing) {
    /** Every tier of the native library on any machine, best first. */
    public static final List<String> TIERS = List.of("avx512", "avx2", "neon", "scalar");

    /** Copies what it is given. */
    public BackendRegistry {
        available = List.copyOf(available);
        missing = Collections.unmodifiableMap(new LinkedHashMap<>(missing));
    }

    /**
     * The registry of this process.
     *
     * @return what was found
     * @throws IllegalArgumentException if a property of {@link NativeLibrary} cannot be honoured
     */
    public static BackendRegistry get() {
        NativeLibrary.get(); // Not in the holder, whose class would be unusable from then on.
        return Holder.REGISTRY;
    }

    private static final class Holder {
        static final BackendRegistry REGISTRY = discover();
    }

    /** Looks anew. */
    static BackendRegistry discover() {
        List<Kernels> available = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        NativeLibrary library = NativeLibrary.get();
        if (library.source().isPresent()) {
            addTiers(available, missing);
        } else {
            missing.put("native", String.join("; ", library.failures()));
        }
        if (JavaKernels.isAvailable()) {
            available.add(JavaKernels.INSTANCE);
        } else {
            missing.put("java", "it takes a little-endian machine");
        }
        available.add(ReferenceKernels.INSTANCE);
        return new BackendRegistry(available, missing);
    }

    private static void addTiers(List<Kernels> available, Map<String, String> missing) {
        int best = dropfuse_h.dropfuse_best_tier();
        available.add(NativeKernels.of(best));
        int[] tiers = {
            dropfuse_h.DROPFUSE_TIER_AVX512(),
            dropfuse_h.DROPFUSE_TIER_AVX2(),
            dropfuse_h.DROPFUSE_TIER_NEON(),
            dropfuse_h.DROPFUSE_TIER_SCALAR()
        };
        for (int tier : tiers) {
            int answer = dropfuse_h.dropfuse_tier_available(tier);
            if (answer == 1 && tier != best) {
                available.add(NativeKernels.of(tier));
            } else if (answer != 1) {
                missing.put(
                        "native/" + NativeKernels.tierName(tier),
                        answer == 0
                                ? "the processor or this build lacks it"
                                : "the processor has it, the operating system has not enabled it");
            }
        }
    }
}
