package io.github.dropfuse.integrations.testing;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Runs statements of Java, with the class path of this process. */
public final class Snippets {
    private static final String CLASS = "Snippet";

    private final List<String> imports;
    private final String parameters;

    /**
     * What snippets may speak of.
     *
     * @param imports as in an import, {@code static} included
     * @param parameters of the method that a snippet becomes, such as {@code int a, String b}
     */
    public Snippets(List<String> imports, String parameters) {
        this.imports = List.copyOf(imports);
        this.parameters = parameters;
    }

    /**
     * Compiles and runs a snippet.
     *
     * @param statements the body of a method that returns an object
     * @param arguments for the parameters
     * @return what it returns
     * @throws AssertionError if it does not compile, with the compiler's words
     * @throws Exception what it throws
     */
    public Object run(String statements, Object... arguments) throws Exception {
        Method method =
                Arrays.stream(compile(source(statements)).getMethods())
                        .filter(candidate -> candidate.getName().equals("run"))
                        .findFirst()
                        .orElseThrow();
        try {
            return method.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private String source(String statements) {
        return imports.stream()
                .map(name -> "import " + name + ";\n")
                .collect(
                        Collectors.joining(
                                "",
                                "",
                                "public class " + CLASS + " {\n"
                                        + "public static Object run(" + parameters + ")"
                                        + " throws Exception {\n"
                                        + statements + "\n}\n}\n"));
    }

    private static Class<?> compile(String source) throws ClassNotFoundException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Memory memory = new Memory(compiler.getStandardFileManager(null, null, null));
        StringWriter words = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-cp", System.getProperty("java.class.path"));
        if (!compiler.getTask(words, memory, null, options, null, List.of(new Source(source)))
                .call()) {
            throw new AssertionError(words + "\n" + source);
        }
        return memory.loader().loadClass(CLASS);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("memory:/" + CLASS + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps classes where others write files. */
    private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> classes = new HashMap<>();

        Memory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:/" + name), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return classes.computeIfAbsent(name, n -> new ByteArrayOutputStream());
                }
            };
        }

        ClassLoader loader() {
            return new ClassLoader(Snippets.class.getClassLoader()) {
                @Override
                protected Class<?> findClass(String name) throws ClassNotFoundException {
                    if (!classes.containsKey(name)) {
                        throw new ClassNotFoundException(name);
                    }
                    byte[] bytes = classes.get(name).toByteArray();
                    return defineClass(name, bytes, 0, bytes.length);
                }
            };
        }
    }
}
