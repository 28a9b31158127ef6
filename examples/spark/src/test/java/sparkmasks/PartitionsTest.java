package sparkmasks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PartitionsTest {
    private static final List<Sample> SAMPLES = Samples.all();

    private static SparkSession session;
    private static Map<String, JavaRDD<Sample>> partitionings;

    @BeforeAll
    static void open() throws IOException {
        session = Spark.session("local[2]");
        partitionings = Main.partitionings(session, SAMPLES);
    }

    @AfterAll
    static void close() throws IOException {
        session.close();
    }

    @Test
    void partitionsAreAsTheirNamesSay() {
        assertEquals(
                List.of(1, 2, 3, 7, 5, 2),
                partitionings.values().stream().map(JavaRDD::getNumPartitions).toList());
    }

    @Test
    void dropoutOfAnRddIsThatOfTheWholeArray() {
        CollectionAccumulator<Long> processes = session.sparkContext().collectionAccumulator();
        float[] expected = Main.droppedAtOnce(SAMPLES);
        partitionings.forEach(
                (name, rows) ->
                        assertArrayEquals(
                                expected, Main.flat(Main.dropped(rows, processes)), name));
        assertEquals(Set.of(ProcessHandle.current().pid()), new HashSet<>(processes.value()));
    }

    @Test
    void dropoutOfADatasetIsThatOfTheWholeArray() {
        float[] expected = Main.droppedAtOnce(SAMPLES);
        partitionings.forEach(
                (name, rows) -> {
                    Dataset<Sample> dataset = Main.dataset(session, rows);
                    assertArrayEquals(expected, Main.flat(Main.dropped(dataset)), name);
                    assertArrayEquals(
                            expected, Main.flat(Main.dropped(dataset.repartition(4))), name);
                });
    }

    @Test
    void trainingEndsWithTheBitsOfOneThread() {
        Training expected = Training.on(SAMPLES);
        assertTrue(expected.lastLoss() < expected.firstLoss());
        partitionings.forEach(
                (name, rows) -> {
                    Training training = Training.on(rows);
                    assertArrayEquals(expected.weights(), training.weights(), name);
                    assertEquals(expected.lastLoss(), training.lastLoss(), name);
                });
    }

    @Test
    void sparksOwnMaskDependsOnPartitions() {
        Set<String> digests = new HashSet<>();
        for (String partitions : List.of("1", "2", "3", "7")) {
            Dataset<Sample> rows = Main.dataset(session, partitionings.get(partitions));
            digests.add(Digest.of(Main.sparksMask(rows)));
        }
        assertEquals(4, digests.size());
    }
}
