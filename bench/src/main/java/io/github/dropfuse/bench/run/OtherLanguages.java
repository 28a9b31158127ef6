package io.github.dropfuse.bench.run;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.bench.Places;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The same library called from C and from Python, and PyTorch in Python. */
final class OtherLanguages {
    /** The size of the small calls comes before the others. */
    private static final long SMALL = 64;

    private OtherLanguages() {}

    /** Rows of both programs; a sentence on standard output says why there are none of one. */
    static List<Object> measure(String python, double seconds, List<Long> sizes)
            throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(Double.toString(seconds)));
        arguments.add(Long.toString(SMALL));
        sizes.forEach(size -> arguments.add(size.toString()));
        List<Object> rows = new ArrayList<>();
        Path program = Places.target().resolve("native").resolve("dropfuse_c");
        rows.addAll(rows("C", List.of(program.toString()), arguments));
        Path script = Places.project().resolve("src/main/python/bench_dropfuse.py");
        String library = Places.library().toString();
        rows.addAll(rows("Python", List.of(python, script.toString(), library), arguments));
        return rows;
    }

    private static List<Object> rows(String language, List<String> program, List<String> arguments)
            throws InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        System.out.println("# " + String.join(" ", command));
        try {
            return JSON.std.listFrom(Processes.output(command));
        } catch (IOException e) {
            System.out.println("# no rows for " + language + ": " + e.getMessage());
            return List.of();
        }
    }
}
