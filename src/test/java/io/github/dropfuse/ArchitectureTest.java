package io.github.dropfuse;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Packages depend on each other in one direction only. */
class ArchitectureTest {
    private static final String ROOT = "io.github.dropfuse";
    private static final JavaClasses CLASSES = classesOfTheLibrary();

    /** What each package may use; a package that is missing here has to be given its place. */
    @Test
    void dependenciesGoOneWay() {
        rooms("root", "ffi", "kernel", "cuda", "layer", "npy", "cli.common", "cli.apply",
                        "cli.bench", "cli.completion", "cli.demo", "cli.verify", "cli")
                .whereLayer("root").mayNotAccessAnyLayer()
                .whereLayer("ffi").mayNotAccessAnyLayer()
                .whereLayer("kernel").mayOnlyAccessLayers("root", "ffi")
                .whereLayer("cuda").mayOnlyAccessLayers("root", "kernel")
                .whereLayer("layer").mayOnlyAccessLayers("root", "kernel", "cuda")
                .whereLayer("npy").mayOnlyAccessLayers("root")
                .whereLayer("cli.common").mayOnlyAccessLayers("root", "layer", "cuda", "npy")
                .whereLayer("cli.apply")
                .mayOnlyAccessLayers("root", "layer", "npy", "cli.common")
                .whereLayer("cli.bench")
                .mayOnlyAccessLayers("root", "layer", "cuda", "cli.common")
                .whereLayer("cli.completion").mayOnlyAccessLayers("cli.common")
                .whereLayer("cli.demo")
                .mayOnlyAccessLayers("root", "layer", "npy", "cli.common")
                .whereLayer("cli.verify").mayOnlyAccessLayers("root", "layer", "cli.common")
                .whereLayer("cli")
                .mayOnlyAccessLayers(
                        "root", "layer", "npy", "cli.common", "cli.apply", "cli.bench",
                        "cli.completion", "cli.demo", "cli.verify")
                .ensureAllClassesAreContainedInArchitecture()
                .check(CLASSES);
    }

    /** That dependencies are found at all. */
    @Test
    void kernelsCallTheNativeLibrary() {
        classes()
                .that()
                .haveSimpleName("NativeKernels")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".ffi")
                .check(CLASSES);
    }

    @Test
    void noPackageIsReachedFromItself() {
        slices().matching("(" + ROOT + "..)").should().beFreeOfCycles().check(CLASSES);
    }

    private static JavaClasses classesOfTheLibrary() {
        // What other libraries' classes depend on does not matter, and takes long to find out.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .importPath(Path.of(System.getProperty("basedir", ""), "target", "classes"));
    }

    /** Classes of a package of its own each, of which none may be empty. */
    private static LayeredArchitecture rooms(String... names) {
        LayeredArchitecture rooms =
                layeredArchitecture().consideringOnlyDependenciesInAnyPackage(ROOT + "..");
        for (String name : names) {
            String room = name.equals("root") ? ROOT : ROOT + "." + name;
            rooms = rooms.layer(name).definedBy(room);
        }
        return rooms;
    }
}
