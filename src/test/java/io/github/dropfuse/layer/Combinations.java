package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Sources of parameterized tests. */
final class Combinations {
    private Combinations() {}

    static Stream<Arguments> backendsAndTypes() {
        return Backends.all().stream()
                .flatMap(b -> Stream.of(DType.values()).map(type -> Arguments.of(b, type)));
    }

    static Stream<Backend> backends() {
        return Backends.all().stream();
    }
}
