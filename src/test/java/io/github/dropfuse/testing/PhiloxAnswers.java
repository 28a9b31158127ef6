package io.github.dropfuse.testing;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The known answers of Philox4x32-10, published with Random123. */
public final class PhiloxAnswers {
    private PhiloxAnswers() {}

    /** One block. */
    public record Answer(int[] counter, int[] key, int[] output) {
        @Override
        public String toString() {
            return Arrays.toString(counter) + " / " + Arrays.toString(key);
        }
    }

    public static List<Answer> all() {
        return List.of(
                answer(
                        "00000000 00000000 00000000 00000000",
                        "00000000 00000000",
                        "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
                answer(
                        "ffffffff ffffffff ffffffff ffffffff",
                        "ffffffff ffffffff",
                        "408f276d 41c83b0e a20bc7c6 6d5451fd"),
                answer(
                        "243f6a88 85a308d3 13198a2e 03707344",
                        "a4093822 299f31d0",
                        "d16cfe09 94fdcceb 5001e420 24126ea1"));
    }

    private static Answer answer(String counter, String key, String output) {
        return new Answer(words(counter), words(key), words(output));
    }

    private static int[] words(String hex) {
        return Stream.of(hex.split(" ")).mapToInt(w -> Integer.parseUnsignedInt(w, 16)).toArray();
    }
}
