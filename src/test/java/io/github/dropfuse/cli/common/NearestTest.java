package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> NAMES = List.of("apply", "mask", "verify", "--json", "--p");

    @ParameterizedTest
    @CsvSource({"apply,0", "aply,1", "appply,1", "appyl,1", "spply,1", "pplay,2", "'',5", "paint,4"})
    void mistakesAreCounted(String word, int mistakes) {
        assertEquals(mistakes, Nearest.mistakes(word, "apply"));
    }

    @ParameterizedTest
    @CsvSource({"aply,apply", "msk,mask", "verfiy,verify", "vrefiy,verify", "--jsno,--json",
                "-p,--p", "paint,", "vxrxfx,", "'',"})
    void oneIsFoundThatIsNear(String word, String name) {
        assertEquals(Optional.ofNullable(name), Nearest.to(word, NAMES));
    }
}
