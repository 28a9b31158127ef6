package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.JavaKernels;
import io.github.dropfuse.kernel.NativeLibrary;
import io.github.dropfuse.testing.NativeBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
        NativeLibrary library = NativeLibrary.get();
        List<String> lines = new ArrayList<>();
        String source = library.source().map(where -> ", " + where).orElse("");
        lines.add("chosen:    " + Backends.automatic() + source);
        lines.add("available: " + names());
        if (Cuda.unavailable().isEmpty()) {
            Cuda.devices().forEach(device -> lines.add("device:    " + device));
        }
        lines.add(
                "left by:   java/jit to reference/java: "
                        + String.join(", ", JavaKernels.LEFT_TO_REFERENCE));
        Backends.missing().forEach((name, why) -> lines.add("missing:   " + name + ": " + why));
        if (library.source().isPresent()) {
            library.failures().forEach(failure -> lines.add("passed by: " + failure));
        }
        assertEquals(lines, Backends.describe().lines().toList());
        assertEquals(library.source(), Backends.librarySource());
    }

    /** Of the backends it is the java one alone that has the reference compute a part. */
    @Test
    void whatIsLeftToTheReferenceIsNamed() {
        assertEquals(
                Map.of("java/jit", JavaKernels.LEFT_TO_REFERENCE), Backends.leftToReference());
    }

    @Test
    void devicesThatAreMissingHaveTheDriversReason() {
        Map<String, String> expected = new HashMap<>(BackendRegistry.get().missing());
        Cuda.unavailable().ifPresent(why -> expected.put("cuda", why));
        assertEquals(expected, Backends.missing());
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

    /** What the host has to make for a device is made by the backend that was asked for. */
    @Test
    void aForcedBackendOfTheHostStays() {
        for (Backend backend : Backends.all()) {
            Execution forced = Execution.automatic().on(backend);
            assertSame(forced, forced.onHost());
        }
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
