package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final AtomicLong clock = new AtomicLong();
    private final StringWriter err = new StringWriter();

    private Progress progress(boolean enabled) {
        return new Progress(new PrintWriter(err), enabled, clock::get, "work", 100);
    }

    private void after(double seconds) {
        clock.addAndGet((long) (seconds * 1e9));
    }

    @Test
    void shortWorkShowsNothing() {
        try (Progress progress = progress(true)) {
            after(0.9);
            progress.add(100);
        }
        assertEquals("", err.toString());
    }

    @Test
    void longWorkShowsABarAndRemovesIt() {
        try (Progress progress = progress(true)) {
            after(1);
            progress.add(25);
            after(0.05);
            progress.add(25);
            after(0.95);
            progress.add(25);
        }
        String[] drawings = err.toString().split("\r");
        assertEquals("", drawings[0]);
        assertTrue(drawings[1].matches("work  \\d+% \\[=+>? *] .*"), drawings[1]);
        String last = drawings[drawings.length - 2];
        assertTrue(last.startsWith("work  75% [="), last);
        assertEquals(" ".repeat(79), drawings[drawings.length - 1]);
        assertTrue(err.toString().endsWith(" \r"));
    }

    @Test
    void nobodyWatchingShowsNothing() {
        try (Progress progress = progress(false)) {
            after(5);
            progress.add(50);
        }
        assertEquals("", err.toString());
    }
}
