package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.testing.NativeBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The messages that the page on troubleshooting explains: each can be found in the code. */
class TroubleshootingTest {
    private static final Path ROOT = NativeBuild.target().getParent();
    private static final Pattern MESSAGE = Pattern.compile("### `(.*)`(?:\n\n(From (?:the JDK|Maven):)?)");

    /** String literals that the code joins, joined. */
    private static String code() throws IOException {
        StringBuilder code = new StringBuilder();
        for (String directory : List.of("src/main/java", "integrations", "native/cuda")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(directory))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (file.toString().matches(".*/main/.*java|.*\\.c")) {
                        code.append(Files.readString(file));
                    }
                }
            }
        }
        return code.toString()
                .replaceAll("\"\\s*\\+?\\s*\"", "")
                .replaceAll("\"\\s*\\+ [A-Z_]+\\s*\\+ \"", "");
    }

    @Test
    void everyMessageIsInTheCode() throws IOException {
        String code = code();
        String page = Files.readString(ROOT.resolve("src/site/troubleshooting.md"));
        Matcher messages = MESSAGE.matcher(page);
        List<String> unknown = new ArrayList<>();
        int found = 0;
        while (messages.find()) {
            if (messages.group(2) == null) {
                found++;
                for (String part : messages.group(1).split("…")) {
                    if (!code.contains(part.strip())) {
                        unknown.add(part + " of " + messages.group(1));
                    }
                }
            }
        }
        assertTrue(found >= 40, found + " messages");
        assertEquals(List.of(), unknown);
    }
}
