package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhiloxStateTest {
    @Test
    void goesIntoATextAndBack() {
        assertEquals("philox:42:7", new PhiloxState(42, 7).toString());
        for (long seed : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            for (long offset : new long[] {0, 1, Long.MAX_VALUE}) {
                PhiloxState state = new PhiloxState(seed, offset);
                assertEquals(state, PhiloxState.parse(state.toString()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "philox", "philox:1", "philox:1:-1", "philox:1:2:3", "Philox:1:2", " philox:1:2",
                "philox:1:2\n", "philox:9223372036854775808:0", "philox:0:9223372036854775808",
                "philox:+1:2", "philox:\u0661:2"
            })
    void refusesOtherTexts(String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> PhiloxState.parse(text));
        assertEquals(
                "state is '" + text + "', allowed is philox:SEED:OFFSET with 64-bit numbers, the"
                        + " offset at least 0",
                e.getMessage());
    }

    @Test
    void isSerializable() throws Exception {
        PhiloxState state = new PhiloxState(-3, 12);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(state);
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertEquals(state, in.readObject());
        }
    }
}
