package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.cli.common.Version;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InfoCommandTest {
    @Test
    void saysWhatIsHereAndWhatIsNot() {
        Cli cli = Cli.line("info");
        assertEquals(0, cli.code());
        assertEquals("", cli.err());
        assertTrue(cli.out().endsWith(Backends.describe()), cli.out());
        assertTrue(cli.out().contains(", " + Runtime.getRuntime().availableProcessors() + " proc"));
        for (String key : new String[] {"version", "jvm", "os", "cpu"}) {
            assertTrue(cli.out().matches("(?s).*\\b" + key + ": +\\S.*"), key + "\n" + cli.out());
        }
    }

    @Test
    void saysItAsJson() throws IOException {
        Cli cli = Cli.line("info --json");
        assertEquals(0, cli.code());
        Map<String, Object> facts = JSON.std.mapFrom(cli.out());
        assertEquals(Version.text(), facts.get("version"));
        assertEquals(Backends.automatic().toString(), facts.get("chosen"));
        assertEquals(Backends.all().stream().map(Backend::toString).toList(), facts.get("available"));
        assertEquals(Backends.leftToReference(), facts.get("leftToReference"));
        assertEquals(Backends.missing(), facts.get("missing"));
        assertEquals(Backends.librarySource().orElse(null), facts.get("library"));
        assertEquals(Runtime.getRuntime().availableProcessors(), facts.get("processors"));
    }
}
