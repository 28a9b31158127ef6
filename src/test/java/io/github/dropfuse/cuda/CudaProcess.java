package io.github.dropfuse.cuda;

import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Processes with a driver and an environment of their own. */
final class CudaProcess {
    private CudaProcess() {}

    static String driver() {
        String path =
                System.getProperty(Cuda.DRIVER_PROPERTY, System.getenv(Cuda.DRIVER_VARIABLE));
        return path == null ? "libcuda.so.1" : path;
    }

    static Output run(
            Class<?> main, String driver, Map<String, String> environment, String... arguments)
            throws IOException {
        Path kernels = NativeBuild.target().resolve("cuda");
        return runWithKernels(kernels, main, driver, environment, arguments);
    }

    /** With a directory of the class path that may have an image of the kernels. */
    static Output runWithKernels(
            Path kernels,
            Class<?> main,
            String driver,
            Map<String, String> environment,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("env"));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.add("--enable-native-access=ALL-UNNAMED");
        if (driver != null) {
            command.add("-D" + Cuda.DRIVER_PROPERTY + "=" + driver);
        }
        command.add("-cp");
        command.add(
                NativeBuild.target().resolve("classes") + File.pathSeparator
                        + NativeBuild.target().resolve("test-classes") + File.pathSeparator
                        + kernels);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return NativeBuild.run(command);
    }
}
