package io.github.dropfuse.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.dropfuse.kernel.NativeLibrary;
import io.github.dropfuse.testing.BindingsMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The committed bindings say what the header says: every function, every constant. */
class AbiTest {
    private static final Pattern FUNCTION =
            Pattern.compile(
                    "DROPFUSE_API\\s+([\\w\\s]+?\\**)\\s*"
                            + "\\b(dropfuse_\\w+)\\s*\\(([^)]*)\\)\\s*;");
    private static final Pattern ENUM = Pattern.compile("enum\\s+\\w+\\s*\\{([^}]*)}");
    private static final Pattern MACRO =
            Pattern.compile("#define\\s+(DROPFUSE_\\w+)\\s+(-?\\d+)\\s*\n");

    private String header;

    @BeforeEach
    void read() throws IOException {
        Path file = NativeBuild.target().resolveSibling("native/include/dropfuse.h");
        header = Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", " ");
    }

    @Test
    void everyFunctionHasItsParameters() {
        Map<String, String> declared = new TreeMap<>();
        functions().forEach((name, types) -> declared.put(name, carriers(types)));
        assertFalse(declared.isEmpty());
        Map<String, String> bound = new TreeMap<>();
        for (Method method : dropfuse_h.class.getDeclaredMethods()) {
            if (method.getName().startsWith("dropfuse_") && !method.getName().contains("$")
                    && Modifier.isPublic(method.getModifiers())) {
                List<String> types = new ArrayList<>();
                types.add(method.getReturnType().getSimpleName());
                Stream.of(method.getParameterTypes()).forEach(t -> types.add(t.getSimpleName()));
                bound.put(method.getName(), types.toString());
            }
        }
        assertEquals(declared, bound);
    }

    @Test
    void everyDescriptorHasItsLayouts() throws ReflectiveOperationException {
        if (!NativeBuild.required()) {
            return; // descriptors come with the symbols, which this build has not
        }
        NativeLibrary.get();
        for (Map.Entry<String, List<String>> function : functions().entrySet()) {
            List<MemoryLayout> layouts =
                    function.getValue().stream().map(AbiTest::layout).toList();
            FunctionDescriptor expected =
                    layouts.getFirst() == null
                            ? FunctionDescriptor.ofVoid(rest(layouts))
                            : FunctionDescriptor.of(layouts.getFirst(), rest(layouts));
            Object bound =
                    dropfuse_h.class.getMethod(function.getKey() + "$descriptor").invoke(null);
            assertEquals(expected.toString(), bound.toString(), function.getKey());
        }
    }

    @Test
    void everyConstantHasItsValue() throws ReflectiveOperationException {
        Map<String, Integer> declared = new TreeMap<>();
        Matcher macros = MACRO.matcher(header);
        while (macros.find()) {
            declared.put(macros.group(1), Integer.parseInt(macros.group(2)));
        }
        Matcher enums = ENUM.matcher(header);
        while (enums.find()) {
            int value = 0;
            for (String constant : enums.group(1).split(",")) {
                String[] sides = constant.split("=");
                value = sides.length == 2 ? Integer.decode(sides[1].strip()) : value;
                declared.put(sides[0].strip(), value++);
            }
        }
        Map<String, Integer> bound = new TreeMap<>();
        for (Method method : dropfuse_h.class.getDeclaredMethods()) {
            if (method.getName().startsWith("DROPFUSE_")
                    && Modifier.isPublic(method.getModifiers())) {
                bound.put(method.getName(), (Integer) method.invoke(null));
            }
        }
        assertEquals(declared, bound);
    }

    /** C's long has 32 bits on Windows: the bindings may not name it. */
    @ParameterizedTest
    @ValueSource(strings = {"SYS_V", "WIN_64", "LINUX_AARCH_64", "MAC_OS_AARCH_64"})
    void theBindingsServeEverySystem(String abi) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Djdk.internal.foreign.CABI=" + abi);
        command.add("-cp");
        command.add(
                NativeBuild.target().resolve("classes") + File.pathSeparator
                        + NativeBuild.target().resolve("test-classes"));
        command.add(BindingsMain.class.getName());
        Output output = NativeBuild.run(command);
        assertEquals(0, output.exit(), output::text);
        assertEquals(
                dropfuse_place.layout() + "\n" + dropfuse_cuda_properties.layout() + "\n",
                output.text());
    }

    /** Names to the return type and the parameters' types. */
    private Map<String, List<String>> functions() {
        Map<String, List<String>> functions = new TreeMap<>();
        Matcher matcher = FUNCTION.matcher(header);
        while (matcher.find()) {
            List<String> types = new ArrayList<>();
            types.add(type(matcher.group(1)));
            String parameters = matcher.group(3).strip();
            if (!parameters.equals("void")) {
                for (String parameter : parameters.split(",")) {
                    types.add(type(parameter.strip().replaceFirst("\\w+$", "")));
                }
            }
            functions.put(matcher.group(2), types);
        }
        int declarations = header.split("(?<!define )DROPFUSE_API\\s", -1).length - 1;
        assertEquals(declarations, functions.size(), "declarations that this test understands");
        return functions;
    }

    private static String type(String text) {
        return text.contains("*") ? "pointer" : text.strip().replaceAll("\\s+", " ");
    }

    private static String carriers(List<String> types) {
        return types.stream()
                .map(
                        type -> {
                            MemoryLayout layout = layout(type);
                            return layout == null
                                    ? "void"
                                    : ((ValueLayout) layout).carrier().getSimpleName();
                        })
                .toList()
                .toString();
    }

    private static MemoryLayout layout(String type) {
        return switch (type) {
            case "void" -> null;
            case "int" -> dropfuse_h.C_INT;
            case "float" -> dropfuse_h.C_FLOAT;
            case "double" -> dropfuse_h.C_DOUBLE;
            case "long long", "unsigned long long" -> dropfuse_h.C_LONG_LONG;
            case "pointer" -> dropfuse_h.C_POINTER;
            default -> throw new AssertionError(type + " has no place in a portable ABI");
        };
    }

    private static MemoryLayout[] rest(List<MemoryLayout> layouts) {
        return layouts.stream().skip(1).toArray(MemoryLayout[]::new);
    }
}
