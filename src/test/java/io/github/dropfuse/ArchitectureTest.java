package io.github.dropfuse;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** Packages depend on each other in one direction only, as jdeps sees the compiled classes. */
class ArchitectureTest {
    private static final String ROOT = "io.github.dropfuse";
    private static final Pattern DEPENDENCY =
            Pattern.compile("^\\s+(" + ROOT + "[\\w.]*)\\s+->\\s+(" + ROOT + "[\\w.]*)\\s");

    /** What each package may use; a package that is missing here has to be given its place. */
    private static final Map<String, Set<String>> ALLOWED =
            Map.ofEntries(
                    entry("", Set.of()),
                    entry(".ffi", Set.of()),
                    entry(".kernel", Set.of("", ".ffi")),
                    entry(".cuda", Set.of("", ".kernel")),
                    entry(".layer", Set.of("", ".kernel", ".cuda")),
                    entry(".npy", Set.of("")),
                    entry(".cli.common", Set.of("", ".layer", ".cuda")),
                    entry(".cli.apply", Set.of("", ".layer", ".npy", ".cli.common")),
                    entry(".cli.bench", Set.of("", ".layer", ".cuda", ".cli.common")),
                    entry(".cli.demo", Set.of("", ".layer", ".npy", ".cli.common")),
                    entry(".cli.verify", Set.of("", ".layer", ".cli.common")),
                    entry(
                            ".cli",
                            Set.of(
                                    "",
                                    ".layer",
                                    ".npy",
                                    ".cli.common",
                                    ".cli.apply",
                                    ".cli.bench",
                                    ".cli.demo",
                                    ".cli.verify")));

    @Test
    void dependenciesGoOneWay() {
        Map<String, Set<String>> found = dependencies();
        assertTrue(found.get(".kernel").contains(".ffi"), found::toString);
        Map<String, Set<String>> forbidden = new TreeMap<>();
        found.forEach(
                (from, targets) -> {
                    Set<String> rest = new TreeSet<>(targets);
                    rest.removeAll(ALLOWED.getOrDefault(from, Set.of()));
                    if (!rest.isEmpty()) {
                        forbidden.put(from, rest);
                    }
                });
        assertEquals(Map.of(), forbidden);
    }

    @Test
    void noPackageIsReachedFromItself() {
        Map<String, Set<String>> reached = new HashMap<>();
        ALLOWED.forEach((from, targets) -> reached.put(from, new TreeSet<>(targets)));
        for (int i = 0; i < ALLOWED.size(); i++) {
            reached.values()
                    .forEach(
                            targets ->
                                    Set.copyOf(targets)
                                            .forEach(via -> targets.addAll(reached.get(via))));
        }
        reached.forEach((from, targets) -> assertTrue(!targets.contains(from), from));
    }

    private static Map<String, Set<String>> dependencies() {
        StringWriter out = new StringWriter();
        Path classes = Path.of(System.getProperty("basedir", ""), "target", "classes");
        int exit =
                ToolProvider.findFirst("jdeps")
                        .orElseThrow()
                        .run(
                                new PrintWriter(out),
                                new PrintWriter(out),
                                "-verbose:package",
                                "-filter:none",
                                "--ignore-missing-deps",
                                classes.toString());
        assertEquals(0, exit, out::toString);
        Map<String, Set<String>> found = new TreeMap<>();
        String from = null;
        for (String line : out.toString().split("\n")) {
            Matcher dependency = DEPENDENCY.matcher(line + " ");
            if (dependency.find()) {
                from = room(dependency.group(1));
                String to = room(dependency.group(2));
                if (!to.equals(from)) {
                    found.computeIfAbsent(from, key -> new TreeSet<>()).add(to);
                }
            }
        }
        return found;
    }

    private static String room(String name) {
        return name.substring(ROOT.length());
    }
}
