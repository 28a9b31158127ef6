package io.github.dropfuse.testing;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Run in a process of its own: runs a program in a class loader, drops that, and waits until the
 * loader and the native library are gone. The parameter is the program's class.
 */
public final class UnloadMain {
    private static final int ATTEMPTS = 600;

    private UnloadMain() {}

    public static void main(String[] arguments) throws Exception {
        WeakReference<ClassLoader> loader = new WeakReference<>(use(arguments[0]));
        System.out.println("mapped:    " + isMapped());
        for (int i = 0; i < ATTEMPTS && loader.get() != null; i++) {
            System.gc();
            Thread.sleep(50);
        }
        System.out.println("collected: " + (loader.get() == null));
        for (int i = 0; i < ATTEMPTS && isMapped(); i++) {
            Thread.sleep(50);
        }
        System.out.println("mapped:    " + isMapped());
    }

    /** Runs a program in a class loader of its own. */
    static ClassLoader use(String main) throws Exception {
        List<URL> urls = new ArrayList<>();
        String classPath = System.getProperty("java.class.path");
        for (String path : classPath.split(File.pathSeparator)) {
            urls.add(Path.of(path).toUri().toURL());
        }
        ClassLoader loader =
                new URLClassLoader(
                        urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        Class.forName(main, true, loader)
                .getMethod("main", String[].class)
                .invoke(null, (Object) new String[0]);
        Thread.currentThread().setContextClassLoader(null);
        return loader;
    }

    private static boolean isMapped() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.anyMatch(line -> line.contains(System.mapLibraryName("dropfuse")));
        }
    }
}
