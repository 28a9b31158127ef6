package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class EveryBenchmarkTest {
    @Test
    void hasATestOfItsName() throws ClassNotFoundException {
        Set<BenchmarkListEntry> all =
                BenchmarkList.defaultList()
                        .getAll(
                                OutputFormatFactory.createFormatInstance(
                                        System.out, VerboseMode.SILENT),
                                List.of());
        assertFalse(all.isEmpty());
        for (BenchmarkListEntry benchmark : all) {
            String name = benchmark.getUsername();
            int dot = name.lastIndexOf('.');
            Class<?> test = Class.forName(name.substring(0, dot) + "Test");
            boolean found =
                    Arrays.stream(test.getDeclaredMethods())
                            .anyMatch(method -> method.getName().equals(name.substring(dot + 1)));
            assertTrue(found, name + " has no test in " + test);
        }
    }
}
