package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.testing.NativeBuild;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is found is what the library says of each of its tiers. */
class BackendRegistryTest {
    @Test
    void theBestTierIsFirstAndOthersFollow() {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        assertTrue(NativeLibrary.get().source().isPresent());
        List<String> available = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        int best = dropfuse_h.dropfuse_best_tier();
        available.add("native/" + NativeKernels.tierName(best));
        int[] tiers = {
            dropfuse_h.DROPFUSE_TIER_AVX512(),
            dropfuse_h.DROPFUSE_TIER_AVX2(),
            dropfuse_h.DROPFUSE_TIER_NEON(),
            dropfuse_h.DROPFUSE_TIER_SCALAR()
        };
        for (int tier : tiers) {
            String name = "native/" + NativeKernels.tierName(tier);
            int answer = dropfuse_h.dropfuse_tier_available(tier);
            if (answer == 0) {
                missing.put(name, "the processor or this build lacks it");
            } else if (answer == 1 && tier != best) {
                available.add(name);
            } else if (answer != 1) {
                missing.put(
                        name, "the processor has it, the operating system has not enabled it");
            }
        }
        available.add("java/jit");
        available.add("reference/java");
        BackendRegistry found = BackendRegistry.discover();
        assertEquals(
                available, found.available().stream().map(TestKernels::name).toList());
        assertEquals(missing, found.missing());
    }

    @Test
    void itIsFoundOnce() {
        assertSame(BackendRegistry.get(), BackendRegistry.get());
        assertEquals(
                BackendRegistry.discover().missing(), BackendRegistry.get().missing());
    }

    @Test
    void withoutTheLibraryTheReasonIsThere() {
        assumeTrue(!NativeBuild.required(), "this build has a native library");
        BackendRegistry found = BackendRegistry.discover();
        assertEquals(
                List.of("java/jit", "reference/java"),
                found.available().stream().map(TestKernels::name).toList());
        assertEquals(
                Map.of("native", String.join("; ", NativeLibrary.get().failures())),
                found.missing());
    }
}
