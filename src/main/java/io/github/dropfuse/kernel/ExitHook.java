package io.github.dropfuse.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.util.Objects;

/**
 * What is to be done when the process ends, if its class is still there. A shutdown hook lives
 * until then, and so does the class loader of a class that it knows. This one knows only the JDK's.
 */
final class ExitHook {
    private ExitHook() {}

    /** Adds an action, which somebody else has to hold. */
    static void add(Runnable action) {
        Thread hook = new Thread(null, whileThere(action), "dropfuse-exit", 0, false);
        hook.setContextClassLoader(null);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private static Runnable whileThere(Runnable action) {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        MethodType nothing = MethodType.methodType(void.class);
        MethodType test = MethodType.methodType(boolean.class, Object.class);
        try {
            MethodHandle get =
                    lookup.bind(
                            new WeakReference<>(action), "get",
                            MethodType.methodType(Object.class));
            MethodHandle isThere =
                    lookup.findStatic(Objects.class, "nonNull", test)
                            .asType(MethodType.methodType(boolean.class, Runnable.class));
            MethodHandle run = lookup.findVirtual(Runnable.class, "run", nothing);
            MethodHandle runIfThere =
                    MethodHandles.guardWithTest(isThere, run, MethodHandles.empty(run.type()));
            return MethodHandleProxies.asInterfaceInstance(
                    Runnable.class,
                    MethodHandles.collectArguments(
                            runIfThere, 0, get.asType(MethodType.methodType(Runnable.class))));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
