package plainjava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Parameters of 0 but for the last biases, so that every digit has these as its logits. */
class EvaluationTest {
    private static final Settings SETTINGS = Settings.forDigits(0.5, 0.5);

    @Test
    void scoresAgainstTheLabels() {
        try (Arena arena = Arena.ofConfined()) {
            // the digits begin with 0 to 9, 0 to 9
            Digits digits = Digits.load(arena);
            Digits twoOnes = digits.where(arena, i -> i == 1 || i == 11);
            Digits oneAndTwo = digits.where(arena, i -> i == 1 || i == 2);
            Evaluation ofOnes = new Evaluation(arena, SETTINGS, twoOnes);
            Evaluation ofBoth = new Evaluation(arena, SETTINGS, oneAndTwo);
            int count = new Network(arena, SETTINGS, 1).parameterCount();
            Tensor parameters = Tensor.allocate(arena, DType.FLOAT32, count);
            double equal = -StrictMath.log(1.0 / Digits.CLASSES);
            assertEquals(new Evaluation.Score(equal, 0), ofOnes.of(parameters));
            assertEquals(new Evaluation.Score(equal, 0), ofBoth.of(parameters));
            parameters.set(count - Digits.CLASSES + 1, 800);
            assertEquals(new Evaluation.Score(0, 100), ofOnes.of(parameters));
            assertEquals(50, ofBoth.of(parameters).percent());
        }
    }
}
