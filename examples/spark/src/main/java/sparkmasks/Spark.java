package sparkmasks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Sessions that need no installed Spark. */
final class Spark {
    private Spark() {}

    /**
     * Opens a session.
     *
     * @param master {@code local[2]}, or {@code local-cluster[2,1,1024]} for two executors of one
     *     core and 1024 MB, each a process of its own
     */
    static SparkSession session(String master) throws IOException {
        SparkSession.Builder builder =
                SparkSession.builder()
                        .master(master)
                        .appName("Dropfuse")
                        .config("spark.ui.enabled", false);
        if (master.startsWith("local-cluster")) {
            forExecutors(builder);
        }
        return builder.getOrCreate();
    }

    /** Executors get this process's Java and class path. Spark only looks for a folder of jars. */
    private static void forExecutors(SparkSession.Builder builder) throws IOException {
        String home = System.getenv("SPARK_HOME");
        if (home == null) {
            throw new IllegalStateException(
                    "SPARK_HOME is not set, needed is a folder that executors may write to");
        }
        Files.createDirectories(Path.of(home, "jars"));
        builder.config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.executor.extraJavaOptions", "--enable-native-access=ALL-UNNAMED")
                .config("spark.executor.memory", "512m")
                .config("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
                .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
                .config("spark.scheduler.minRegisteredResourcesRatio", 1);
    }
}
