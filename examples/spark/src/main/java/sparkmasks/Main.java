package sparkmasks;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.rand;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;

/** One mask under many partitionings, and Spark's own random numbers beside it. */
public final class Main {
    static final double P = 0.3;
    static final PhiloxState STATE = new PhiloxState(42, 0);

    private Main() {}

    /**
     * Prints a table of digests.
     *
     * @param arguments Spark's master, or nothing for {@code local[2]}
     */
    public static void main(String[] arguments) throws IOException {
        String master = arguments.length > 0 ? arguments[0] : "local[2]";
        try (SparkSession session = Spark.session(master)) {
            System.out.printf(
                    Locale.ROOT, "%nSpark %s on %s, Java %s, driver in process %d%n",
                    session.version(),
                    master,
                    Runtime.version().feature(),
                    ProcessHandle.current().pid());
            System.out.printf(
                    Locale.ROOT, "%n%-18s%-14s%-14s%-10s%-20s%s%n",
                    "partitions", "dropout, RDD", "Dataset", "training", "loss",
                    "Spark's rand(42) >= " + P);
            List<Sample> samples = Samples.all();
            String expected = Digest.of(droppedAtOnce(samples));
            Training training = Training.on(samples);
            String expectedWeights = Digest.of(training.weights());
            print("without Spark", expected, "", training, "");

            CollectionAccumulator<Long> processes = session.sparkContext().collectionAccumulator();
            for (var entry : partitionings(session, samples).entrySet()) {
                JavaRDD<Sample> rows = entry.getValue();
                String rdd = Digest.of(flat(dropped(rows, processes)));
                String dataset = Digest.of(flat(dropped(dataset(session, rows))));
                training = Training.on(rows);
                String sparks = Digest.of(sparksMask(dataset(session, rows)));
                print(entry.getKey(), rdd, dataset, training, sparks);
                if (!expected.equals(rdd)
                        || !expected.equals(dataset)
                        || !expectedWeights.equals(Digest.of(training.weights()))) {
                    throw new IllegalStateException("Dropfuse's digests differ");
                }
            }
            System.out.printf(
                    Locale.ROOT, "%nMasks were drawn in processes %s%n", new TreeSet<>(processes.value()));
        }
    }

    private static void print(
            String partitions, String rdd, String dataset, Training training, String sparks) {
        System.out.printf(
                Locale.ROOT, "%-18s%-14s%-14s%-10s%.6f to %-8.6f %s%n",
                partitions, rdd, dataset, Digest.of(training.weights()),
                training.firstLoss(), training.lastLoss(), sparks);
    }

    /** The same rows in different partitions. */
    static Map<String, JavaRDD<Sample>> partitionings(
            SparkSession session, List<Sample> samples) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
        Map<String, JavaRDD<Sample>> all = new LinkedHashMap<>();
        for (int partitions : new int[] {1, 2, 3, 7}) {
            all.put(Integer.toString(partitions), context.parallelize(samples, partitions));
        }
        all.put("3, repartition(5)", context.parallelize(samples, 3).repartition(5));
        all.put("7, coalesce(2)", context.parallelize(samples, 7).coalesce(2));
        return all;
    }

    static Dataset<Sample> dataset(SparkSession session, JavaRDD<Sample> rows) {
        return session.createDataset(rows.rdd(), Encoders.bean(Sample.class));
    }

    /** What all others have to equal: one call for all rows. */
    static float[] droppedAtOnce(List<Sample> samples) {
        float[] values = flat(samples);
        Tensor x = Tensor.of(values, Samples.ROWS, Samples.COLUMNS);
        new Dropout(P).forward(x, x, STATE);
        return values;
    }

    /** The features of all rows as one array, in the order of their indices. */
    static float[] flat(List<Sample> rows) {
        float[] values = new float[Samples.ROWS * Samples.COLUMNS];
        for (Sample row : rows) {
            int from = (int) row.getIndex() * Samples.COLUMNS;
            System.arraycopy(row.getFeatures(), 0, values, from, Samples.COLUMNS);
        }
        return values;
    }

    /** Dropout on an RDD. The processes that it runs in are noted. */
    static List<Sample> dropped(JavaRDD<Sample> rows, CollectionAccumulator<Long> processes) {
        return rows.mapPartitions(
                        part -> {
                            processes.add(ProcessHandle.current().pid());
                            return Masking.drop(part, P, STATE);
                        })
                .collect();
    }

    /** Dropout on a Dataset. */
    static List<Sample> dropped(Dataset<Sample> rows) {
        MapPartitionsFunction<Sample, Sample> drop = part -> Masking.drop(part, P, STATE);
        return rows.mapPartitions(drop, Encoders.bean(Sample.class)).collectAsList();
    }

    /** One number a row, 1 for kept, from Spark's seeded function, in the order of the rows. */
    static float[] sparksMask(Dataset<Sample> rows) {
        float[] mask = new float[Samples.ROWS];
        rows.select(col("index"), rand(42).geq(P))
                .collectAsList()
                .forEach(row -> mask[(int) row.getLong(0)] = row.getBoolean(1) ? 1 : 0);
        return mask;
    }
}
