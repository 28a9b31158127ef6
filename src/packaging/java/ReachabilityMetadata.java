import com.fasterxml.jackson.jr.ob.JSON;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Writes what GraalVM's native-image has to be told of Dropfuse's classes, to the file that is the
 * argument: the calls of C functions with their linker options, the resources, and what picocli
 * reaches by reflection. The build runs it on the compiled classes. It needs no native library.
 */
final class ReachabilityMetadata {
    private static final String ROOT = "io.github.dropfuse.";
    private static final String BINDINGS = ROOT + "ffi.dropfuse_h";
    private static final String DOWNCALLS = ROOT + "kernel.Downcalls";
    private static final String DESCRIPTOR = "$descriptor";

    private ReachabilityMetadata() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        Files.createDirectories(file.getParent());
        Map<String, Object> metadata =
                ordered(
                        "comment", "Made by the build from the compiled classes.",
                        "reflection", reflection(),
                        "resources", resources(),
                        "foreign", ordered("downcalls", downcalls()));
        String text = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(metadata);
        Files.writeString(file, text + "\n");
    }

    /** Takes layouts from the methods' types, as to read the descriptors would link the functions. */
    private static Collection<Map<String, Object>> downcalls() throws Exception {
        Set<Map<String, Object>> calls = new LinkedHashSet<>();
        Set<String> critical = criticalFunctions();
        Class<?> bindings = uninitialized(BINDINGS);
        for (String name : functions(bindings)) {
            MethodType type =
                    Arrays.stream(bindings.getMethods())
                            .filter(method -> method.getName().equals(name))
                            .map(ReachabilityMetadata::type)
                            .findFirst()
                            .orElseThrow();
            calls.add(call(type));
            if (critical.remove(name)) {
                Map<String, Object> call = call(type);
                call.put("options", ordered("critical", ordered("allowHeapAccess", true)));
                calls.add(call);
            }
        }
        if (!critical.isEmpty()) {
            throw new IllegalStateException(DOWNCALLS + " has no binding for " + critical);
        }
        calls.addAll(callsOfTheCLibrary());
        return calls;
    }

    private static List<Map<String, Object>> callsOfTheCLibrary() {
        return List.of(
                call(MethodType.methodType(int.class, int.class)), // isatty
                call(MethodType.methodType(int.class, MemorySegment.class)), // fegetenv, fesetenv
                variadic(MethodType.methodType(int.class, MemorySegment.class, int.class)), // open
                variadic(
                        MethodType.methodType(
                                int.class, int.class, long.class, long.class)), // posix_fallocate
                variadic(MethodType.methodType(int.class, int.class))); // close
    }

    /** A call that is linked as one of a function that may take more arguments than these. */
    private static Map<String, Object> variadic(MethodType type) {
        Map<String, Object> call = call(type);
        call.put("options", ordered("firstVariadicArg", type.parameterCount()));
        return call;
    }

    private static Set<String> functions(Class<?> bindings) {
        Set<String> names = new TreeSet<>();
        for (Method method : bindings.getMethods()) {
            if (method.getName().endsWith(DESCRIPTOR)) {
                names.add(withoutSuffix(method.getName()));
            }
        }
        return names;
    }

    private static String withoutSuffix(String name) {
        return name.substring(0, name.length() - DESCRIPTOR.length());
    }

    private static MethodType type(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes());
    }

    /** The functions whose descriptors the kernels link again, as critical ones. */
    private static Set<String> criticalFunctions() throws Exception {
        Set<String> names = new TreeSet<>();
        Class<?> downcalls = uninitialized(DOWNCALLS);
        for (Class<?> nested : downcalls.getDeclaredClasses()) {
            String name = nested.getName().substring(nested.getPackageName().length() + 1);
            try (InputStream bytes = nested.getResourceAsStream(name + ".class")) {
                ClassFile.of().parse(bytes.readAllBytes()).methods().stream()
                        .flatMap(method -> method.code().stream())
                        .flatMap(code -> code.elementStream())
                        .filter(InvokeInstruction.class::isInstance)
                        .map(element -> ((InvokeInstruction) element).name().stringValue())
                        .filter(called -> called.endsWith(DESCRIPTOR))
                        .forEach(called -> names.add(withoutSuffix(called)));
            }
        }
        return names;
    }

    private static Class<?> uninitialized(String name) throws ClassNotFoundException {
        return Class.forName(name, false, ReachabilityMetadata.class.getClassLoader());
    }

    private static Map<String, Object> call(MethodType type) {
        List<String> parameters =
                type.parameterList().stream().map(ReachabilityMetadata::layout).toList();
        return ordered("returnType", layout(type.returnType()), "parameterTypes", parameters);
    }

    /** A canonical layout's name. */
    private static String layout(Class<?> carrier) {
        if (carrier == MemorySegment.class) {
            return "void*";
        }
        return switch (carrier.getName()) {
            case "void", "int", "float", "double" -> carrier.getName();
            case "long" -> "long long";
            default -> throw new IllegalStateException(carrier + " has no layout here");
        };
    }

    /** Classes that picocli makes objects of, and whose fields and methods have its annotations. */
    private static List<Map<String, Object>> reflection() throws Exception {
        Set<Class<?>> types = new LinkedHashSet<>();
        addTypes(commandLine(), types);
        return types.stream()
                .map(Class::getName)
                .sorted()
                .map(
                        type ->
                                ordered(
                                        "condition", ordered("typeReached", ROOT + "cli.Main"),
                                        "type", type,
                                        "allDeclaredConstructors", true,
                                        "allDeclaredFields", true,
                                        "allDeclaredMethods", true))
                .toList();
    }

    private static CommandLine commandLine() throws Exception {
        Class<?> main = Class.forName(ROOT + "cli.Main");
        Method needed = main.getDeclaredMethod("needed", String[].class);
        Method commandLine = main.getDeclaredMethod("commandLine", Collection.class);
        needed.setAccessible(true);
        commandLine.setAccessible(true);
        Object all = needed.invoke(null, (Object) new String[0]);
        return (CommandLine) commandLine.invoke(null, all);
    }

    private static void addTypes(CommandLine command, Set<Class<?>> types) {
        CommandSpec spec = command.getCommandSpec();
        addTypes(spec, types);
        spec.mixins().values().forEach(mixin -> addTypes(mixin, types));
        command.getSubcommands().values().forEach(child -> addTypes(child, types));
    }

    private static void addTypes(CommandSpec spec, Set<Class<?>> types) {
        Stream<Object> ofCommand =
                Stream.of(spec.userObject(), spec.versionProvider(), spec.modelTransformer());
        Stream<Object> ofArguments = spec.args().stream().flatMap(ReachabilityMetadata::helpers);
        Stream.concat(ofCommand, ofArguments)
                .filter(Objects::nonNull)
                .map(Object::getClass)
                .filter(type -> type.getName().matches("(picocli|io[.]github[.]dropfuse)[.].*"))
                .forEach(types::add);
    }

    private static Stream<Object> helpers(ArgSpec argument) {
        return Stream.concat(
                Stream.of(argument.completionCandidates()), Arrays.stream(argument.converters()));
    }

    /** What is read from the jar, where what reads it is reached. */
    private static List<Map<String, Object>> resources() {
        return List.of(
                resource("kernel.NativeLibrary", "META-INF/native/*/*dropfuse.*"),
                resource("kernel.CudaDriver", "META-INF/native/cuda/kernels.image"),
                resource("cli.demo.DemoCommand", "io/github/dropfuse/cli/demo/*.npy"),
                resource("cli.demo.Lettering", "com/formdev/flatlaf/fonts/roboto/*.ttf"),
                resource("cli.demo.Lettering", "org/apache/fontbox/unicode/*.txt"));
    }

    private static Map<String, Object> resource(String reader, String glob) {
        return ordered("condition", ordered("typeReached", ROOT + reader), "glob", glob);
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
