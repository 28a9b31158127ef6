package plainjava;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dropfuse.PhiloxState;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings that have to end with the same bits. */
class TrainingTest {
    private static final Settings SETTINGS =
            new Settings(Digits.PIXELS, 16, 3, Digits.CLASSES, 0.3, 0.2);

    @TempDir Path directory;

    private final Arena arena = Arena.ofShared();
    private final Digits digits = Digits.load(arena).where(arena, i -> i < 200);

    @AfterEach
    void free() {
        arena.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8, 11})
    void workersHaveTheBitsOfOne(int count) throws IOException {
        assertArrayEquals(trained(1, 2), trained(count, 2));
    }

    @Test
    void resumedHasTheBitsOfUninterrupted() throws IOException {
        Path file = directory.resolve("checkpoint");
        try (Training first = new Training(arena, SETTINGS, digits, 1, 1)) {
            first.runEpoch();
            first.runEpoch();
            first.save(file);
        }
        try (Training second = new Training(arena, SETTINGS, digits, 1, 2)) {
            second.resume(file);
            assertEquals(2, second.epochs());
            second.runEpoch();
            assertArrayEquals(trained(1, 3), state(second));
        }
    }

    @Test
    void savedAgainIsTheSameFile() throws IOException {
        Path file = directory.resolve("checkpoint");
        try (Training training = new Training(arena, SETTINGS, digits, 1, 1)) {
            training.runEpoch();
            training.save(file);
            training.save(file);
        }
        Checkpoint saved = Checkpoint.read(arena, file);
        assertEquals(1, saved.epoch());
        assertEquals(new PhiloxState(1, 3 * 6), saved.masks());
        saved.write(directory.resolve("again"));
        assertEquals(-1, Files.mismatch(file, directory.resolve("again")));
    }

    @Test
    void digestTellsTrainingsApart() {
        try (Training one = new Training(arena, SETTINGS, digits, 1, 1);
                Training other = new Training(arena, SETTINGS, digits, 2, 1);
                Training same = new Training(arena, SETTINGS, digits, 1, 1)) {
            assertEquals(one.digest(), same.digest());
            assertNotEquals(one.digest(), other.digest());
            one.runEpoch();
            assertNotEquals(one.digest(), same.digest());
        }
    }

    private byte[] trained(int workers, int epochs) throws IOException {
        try (Training training = new Training(arena, SETTINGS, digits, 1, workers)) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                training.runEpoch();
            }
            return state(training);
        }
    }

    /** Epochs, generator, parameters and velocity, as they are saved. */
    private byte[] state(Training training) throws IOException {
        Path file = directory.resolve("state");
        training.save(file);
        return Files.readAllBytes(file);
    }
}
