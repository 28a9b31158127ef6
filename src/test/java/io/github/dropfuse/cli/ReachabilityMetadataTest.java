package io.github.dropfuse.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.dropfuse.cli.common.Version;
import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.testing.NativeBuild;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Option;

/** What the build tells GraalVM's native-image, compared with what the classes do. */
class ReachabilityMetadataTest {
    private static final String NAME =
            "/META-INF/native-image/io.github.dropfuse/dropfuse/reachability-metadata.json";
    private static final Path SCHEMAS = NativeBuild.target().resolve("graalvm/schemas");
    private static final String DOWNCALLS = "io.github.dropfuse.kernel.Downcalls";

    private static String text() throws IOException {
        try (InputStream file = Main.class.getResourceAsStream(NAME)) {
            return new String(file.readAllBytes());
        }
    }

    private static List<?> list(Object metadata, String key) {
        return (List<?>) ((Map<?, ?>) metadata).get(key);
    }

    private static List<?> calls() throws IOException {
        return list(JSON.std.mapFrom(text()).get("foreign"), "downcalls");
    }

    @Test
    void isAsItsSchemaSays() throws IOException {
        Path file;
        try (Stream<Path> files = Files.list(SCHEMAS)) {
            List<Path> found = files.toList();
            assertEquals(1, found.size(), SCHEMAS + " has " + found);
            file = found.getFirst();
        }
        Schema schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2019_09)
                        .getSchema(Files.readString(file), InputFormat.JSON);
        assertEquals(List.of(), schema.validate(text(), InputFormat.JSON));
        String wrong = text().replace("\"allowHeapAccess\"", "\"heapAccess\"");
        assertNotEquals(List.of(), schema.validate(wrong, InputFormat.JSON));
    }

    /** A call as the metadata have it. */
    private static Map<String, Object> call(FunctionDescriptor descriptor) {
        return Map.of(
                "returnType",
                descriptor.returnLayout().map(ReachabilityMetadataTest::name).orElse("void"),
                "parameterTypes",
                descriptor.argumentLayouts().stream().map(ReachabilityMetadataTest::name).toList());
    }

    /** The name by which C and native-image know a layout. */
    private static String name(MemoryLayout layout) {
        Map<String, MemoryLayout> known = Linker.nativeLinker().canonicalLayouts();
        return Stream.of("int", "long long", "float", "double", "void*")
                .filter(name -> withoutTarget(known.get(name)).equals(withoutTarget(layout)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(layout + " has no name here"));
    }

    /** What an address leads to is not told of a call. */
    private static MemoryLayout withoutTarget(MemoryLayout layout) {
        return layout instanceof AddressLayout address
                ? address.withoutTargetLayout()
                : layout;
    }

    private static void assertCall(String caller, FunctionDescriptor descriptor)
            throws IOException {
        Map<String, Object> call = call(descriptor);
        assertTrue(calls().contains(call), caller + " makes " + call);
    }

    @Test
    void everyFunctionOfTheBindingsCanBeCalled() throws Exception {
        assumeTrue(NativeBuild.required(), "descriptors are with the native library's functions");
        Backends.require("native");
        int functions = 0;
        for (Method method : dropfuse_h.class.getMethods()) {
            if (method.getName().endsWith("$descriptor")) {
                assertCall(method.getName(), (FunctionDescriptor) method.invoke(null));
                functions++;
            }
        }
        assertTrue(functions > 40, functions + " functions");
    }

    /** The first argument says which kind of call it is. */
    @Test
    void everyCriticalCallCanBeMade() throws Exception {
        assumeTrue(NativeBuild.required(), "handles are of the native library's functions");
        Backends.require("native");
        Class<?>[] kinds = Class.forName(DOWNCALLS).getDeclaredClasses();
        assertTrue(kinds.length > 0, DOWNCALLS);
        for (Class<?> kind : kinds) {
            Field handle = kind.getDeclaredField("CALL");
            handle.setAccessible(true);
            MethodType type = ((MethodHandle) handle.get(null)).type().dropParameterTypes(0, 1);
            List<String> parameters =
                    type.parameterList().stream().map(carrier -> name(carrier)).toList();
            Map<String, Object> call =
                    Map.of(
                            "returnType", name(type.returnType()),
                            "parameterTypes", parameters,
                            "options", Map.of("critical", Map.of("allowHeapAccess", true)));
            assertTrue(calls().contains(call), kind + " makes " + call);
        }
    }

    private static String name(Class<?> carrier) {
        return switch (carrier.getSimpleName()) {
            case "MemorySegment" -> "void*";
            case "long" -> "long long";
            default -> carrier.getName();
        };
    }

    /** A class that links functions itself has to be looked at by the build's program too. */
    @Test
    void nothingElseLinksFunctions() throws IOException {
        Set<String> linking =
                new ClassFileImporter()
                        .importPath(NativeBuild.target().resolve("classes")).stream()
                        .flatMap(type -> type.getMethodCallsFromSelf().stream())
                        .filter(call -> call.getTargetOwner().isEquivalentTo(Linker.class))
                        .filter(call -> call.getName().matches("downcallHandle|upcallStub"))
                        .map(call -> call.getOriginOwner().getName())
                        .filter(name -> !name.startsWith(dropfuse_h.class.getPackageName() + "."))
                        .collect(Collectors.toSet());
        String library = "io.github.dropfuse.kernel.NativeLibrary";
        String terminal = "io.github.dropfuse.cli.common.Terminal";
        String environment = "io.github.dropfuse.cli.verify.FloatingPointMode";
        String space = "io.github.dropfuse.npy.DiskSpace";
        assertEquals(Set.of(DOWNCALLS, library, terminal, environment, space), linking);
        assertCall(library, FunctionDescriptor.of(JAVA_INT));
        assertCall(terminal, FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        assertCall(environment, FunctionDescriptor.of(JAVA_INT, ADDRESS));
        assertCallOfVariadic(space, ADDRESS, JAVA_INT);
        assertCallOfVariadic(space, JAVA_INT, JAVA_LONG, JAVA_LONG);
        assertCallOfVariadic(space, JAVA_INT);
    }

    private static void assertCallOfVariadic(String caller, MemoryLayout... arguments)
            throws IOException {
        Map<String, Object> call = new HashMap<>(call(FunctionDescriptor.of(JAVA_INT, arguments)));
        call.put("options", Map.of("firstVariadicArg", arguments.length));
        assertTrue(calls().contains(call), caller + " makes " + call);
    }

    @Test
    void everythingOfPicocliIsReached() throws IOException {
        Set<Object> reached =
                list(JSON.std.mapFrom(text()), "reflection").stream()
                        .map(entry -> ((Map<?, ?>) entry).get("type"))
                        .collect(Collectors.toSet());
        List<CommandLine> commands = new ArrayList<>();
        CommandLine root = Main.commandLine(Main.needed());
        commands.add(root);
        commands.addAll(root.getSubcommands().values());
        for (CommandLine command : commands) {
            Class<?> type = command.getCommand().getClass();
            assertTrue(reached.contains(type.getName()), type.getName());
            assertReached(reached, type.getAnnotation(Command.class).modelTransformer());
            for (ArgSpec argument : command.getCommandSpec().args()) {
                if (argument.userObject() instanceof Field field) {
                    assertReached(reached, field.getDeclaringClass());
                    Option option = field.getAnnotation(Option.class);
                    if (option != null) {
                        assertReached(reached, option.completionCandidates());
                        assertReached(reached, option.converter());
                    }
                }
            }
        }
        assertReached(reached, Version.class);
    }

    /** Of picocli's own classes some are its defaults, which it does not make by reflection. */
    private static void assertReached(Set<Object> reached, Class<?>... types) {
        for (Class<?> type : types) {
            boolean own = type.getName().startsWith("io.github.dropfuse.");
            assertTrue(!own || reached.contains(type.getName()), type.getName());
        }
    }

    @Test
    void resourcesAreThere() throws Exception {
        List<String> files = new ArrayList<>();
        for (String path : new String[] {"java.class.path", "jdk.module.path"}) {
            for (String root : System.getProperty(path, "").split(File.pathSeparator)) {
                files.addAll(files(Path.of(root)));
            }
        }
        for (Object entry : list(JSON.std.mapFrom(text()), "resources")) {
            Map<?, ?> resource = (Map<?, ?>) entry;
            Class.forName((String) ((Map<?, ?>) resource.get("condition")).get("typeReached"));
            String glob = (String) resource.get("glob");
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            boolean mayLack =
                    glob.endsWith("kernels.image")
                            || glob.startsWith("META-INF/native/") && !NativeBuild.required();
            assertTrue(
                    mayLack
                            || files.stream().anyMatch(file -> matcher.matches(Path.of(file))),
                    glob);
        }
    }

    /** The names of a directory's or an archive's files. */
    private static List<String> files(Path root) throws IOException {
        if (Files.isDirectory(root)) {
            try (Stream<Path> found = Files.walk(root)) {
                return found.map(file -> root.relativize(file).toString()).toList();
            }
        }
        if (!Files.isRegularFile(root)) {
            return List.of();
        }
        try (ZipFile archive = new ZipFile(root.toFile())) {
            return archive.stream().map(ZipEntry::getName).toList();
        }
    }
}
