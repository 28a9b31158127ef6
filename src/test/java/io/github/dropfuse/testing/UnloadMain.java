package io.github.dropfuse.testing;

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
 * Run in a process of its own: uses the library in a class loader, drops that, and waits until the
 * loader and the native library are gone. The parameters are the loader's class path.
 */
public final class UnloadMain {
    private static final int ATTEMPTS = 600;

    private UnloadMain() {}

    public static void main(String[] classPath) throws Exception {
        WeakReference<ClassLoader> loader = new WeakReference<>(use(classPath));
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

    private static ClassLoader use(String[] classPath) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String path : classPath) {
            urls.add(Path.of(path).toUri().toURL());
        }
        ClassLoader loader =
                new URLClassLoader(
                        urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        Class.forName(DescribeMain.class.getName(), true, loader)
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
