package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.testing.NativeBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What there is on this machine, and that it is all that there should be. */
class BackendsTest {
    /** What the system says of a processor that runs a tier; the build has these tiers. */
    private static final Map<String, List<String>> PROMISES =
            Map.of(
                    "native/avx2", List.of("avx2", "fma", "f16c", "bmi1", "bmi2", "popcnt"),
                    "native/avx512",
                    List.of(
                            "avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx2",
                            "fma", "f16c", "bmi1", "bmi2", "popcnt"),
                    "native/neon", List.of("asimd"));

    @Test
    void theNativeLibraryIsThereIfTheBuildHasIt() {
        List<String> names = Backends.all().stream().map(Backend::toString).toList();
        if (NativeBuild.required()) {
            assertTrue(names.contains("native/scalar"), Backends::describe);
            assertTrue(names.getFirst().startsWith("native/"), Backends::describe);
        } else {
            assertEquals(List.of("java/jit", "reference/java"), names);
        }
        assertEquals("reference/java", names.getLast());
        assertSame(Backends.all().getFirst(), Backends.automatic());
        assertSame(Backends.all().getLast(), Backends.reference());
    }

    @Test
    void everyTierThatTheProcessorPromisesIsThere() throws IOException {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        Set<String> flags = processorFlags();
        PROMISES.forEach(
                (tier, needed) -> {
                    boolean there =
                            Backends.all().stream().anyMatch(b -> b.toString().equals(tier));
                    assertEquals(flags.containsAll(needed), there, Backends::describe);
                });
    }

    @Test
    void whatIsMissingHasAReason() {
        for (String tier : List.of("scalar", "avx2", "avx512", "neon")) {
            String name = "native/" + tier;
            boolean there = Backends.all().stream().anyMatch(b -> b.toString().equals(name));
            if (there) {
                assertEquals(name, Backends.require(name).toString());
                continue;
            }
            var e =
                    assertThrows(
                            UnsupportedOperationException.class, () -> Backends.require(name));
            String why =
                    NativeBuild.required()
                            ? "the processor or this build lacks it"
                            : Backends.missing().get("native");
            assertEquals(
                    "backend is " + name + ", which cannot run here: " + why + "; allowed are "
                            + names(),
                    e.getMessage());
        }
    }

    @Test
    void backendsHaveNames() {
        for (Backend backend : Backends.all()) {
            assertSame(backend, Backends.require(backend.toString()));
            assertEquals(backend.name() + "/" + backend.tier(), backend.toString());
        }
        assertSame(Backends.reference(), Backends.require("reference"));
        if (NativeBuild.required()) {
            assertSame(Backends.automatic(), Backends.require("native"));
        }
    }

    @Test
    void unknownNamesAreRefused() {
        for (String name :
                List.of("", "gpu", "Reference", "reference/scalar", "native/", "native/sse",
                        "cuda/0", "cuda:", "cuda:-1", "cuda:9999999999")) {
            var e = assertThrows(IllegalArgumentException.class, () -> Backends.require(name));
            assertEquals(
                    "backend is " + name + ", allowed are reference, reference/java, java,"
                            + " java/jit, native, native/avx512, native/avx2, native/neon, native/scalar, cuda and"
                            + " cuda:N for device N",
                    e.getMessage());
        }
        var e = assertThrows(NullPointerException.class, () -> Backends.require(null));
        assertEquals("name", e.getMessage());
    }

    /** One that no machine of the tests has. */
    @Test
    void aDeviceThatIsNotThereIsRefused() {
        RuntimeException e =
                assertThrows(RuntimeException.class, () -> Backends.require("cuda:63"));
        String why = Backends.missing().get("cuda");
        if (why == null) {
            assertEquals(IllegalArgumentException.class, e.getClass());
            assertTrue(
                    e.getMessage().startsWith("backend is cuda:63, allowed are cuda:0 to cuda:"),
                    e::getMessage);
        } else {
            assertEquals(UnsupportedOperationException.class, e.getClass());
            assertEquals(
                    "backend is cuda:63, which cannot run here: " + why + "; allowed are "
                            + names(),
                    e.getMessage());
        }
    }

    @Test
    void theNamesOfTiersAreTheLibrarys() {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        Set<String> tiers = new HashSet<>();
        Backends.all().stream()
                .filter(backend -> backend.name().equals("native"))
                .forEach(backend -> tiers.add(backend.tier()));
        Backends.missing().keySet().stream()
                .filter(name -> name.startsWith("native/"))
                .forEach(name -> tiers.add(name.substring("native/".length())));
        assertEquals(new HashSet<>(BackendRegistry.TIERS), tiers);
    }

    private static String names() {
        return String.join(", ", Backends.all().stream().map(Backend::toString).toList());
    }

    @Test
    void theDescriptionNamesThemAll() {
        String text = Backends.describe();
        assertTrue(text.startsWith("chosen:    " + Backends.automatic()), text);
        for (Backend backend : Backends.all()) {
            assertTrue(text.contains(backend.toString()), text);
        }
        Backends.missing()
                .forEach((name, why) -> assertTrue(text.contains(name + ": " + why), text));
    }

    @Test
    void aForcedBackendIsUsed() {
        for (Backend backend : Backends.all()) {
            assertSame(backend, Execution.automatic().on(backend).sequential().backend());
            assertSame(
                    backend, Execution.automatic().on(backend).over(Runnable::run, 1).backend());
        }
        assertSame(Backends.automatic(), Execution.automatic().backend());
    }

    private static Set<String> processorFlags() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
            if (line.startsWith("flags") || line.startsWith("Features")) {
                return new HashSet<>(List.of(line.substring(line.indexOf(':') + 1).split(" ")));
            }
        }
        throw new AssertionError("no flags in /proc/cpuinfo");
    }
}
