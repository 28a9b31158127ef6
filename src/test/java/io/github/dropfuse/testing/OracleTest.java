package io.github.dropfuse.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OracleTest {
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.testing.PhiloxAnswers#all")
    void philoxGivesItsKnownAnswers(PhiloxAnswers.Answer answer) {
        assertArrayEquals(answer.output(), Oracle.philox(answer.counter(), answer.key()));
    }

    @Test
    void inversePhiloxUndoesPhilox() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            int[] counter = random.ints(4).toArray();
            int[] key = random.ints(2).toArray();
            assertArrayEquals(counter, Oracle.inversePhilox(Oracle.philox(counter, key), key));
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.testing.MaskVectors#all")
    void masksHaveTheirKnownDigests(MaskVectors.Case vector) {
        byte[] mask =
                Oracle.mask(
                        vector.p(), vector.seed(), vector.offset(), vector.start(), vector.count());
        assertEquals(vector.sha256(), MaskVectors.sha256(MemorySegment.ofArray(mask)));
    }
}
