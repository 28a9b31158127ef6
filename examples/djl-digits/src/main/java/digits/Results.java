package digits;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a mode gave.
 *
 * @param mode how much was trained
 * @param environment machine, versions and the like, by name
 * @param resumed whether a training that was saved half-way and resumed has the bits of a whole one
 * @param runs all trainings
 */
record Results(Mode mode, Map<String, String> environment, boolean resumed, List<Run> runs) {
    /** The runs of a variant at a depth, by their seeds. */
    List<Run> of(Variant variant, int depth) {
        return runs.stream()
                .filter(run -> run.variant() == variant && run.depth() == depth)
                .toList();
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, JSON.std.asString(this));
    }

    static Results read(Path file) throws IOException {
        return JSON.std.beanFrom(Results.class, Files.readString(file));
    }
}
