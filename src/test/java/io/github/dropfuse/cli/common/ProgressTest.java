package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        String bar;
        try (Progress progress = progress(true)) {
            after(1);
            progress.add(25);
            bar = "\rwork [==========                              ]  25 %, 3 s left  ";
            assertEquals(bar, err.toString());
            after(0.05);
            progress.add(25);
            assertEquals(bar, err.toString());
            after(0.95);
            progress.add(25);
            bar += "\rwork [==============================          ]  75 %, 1 s left  ";
            assertEquals(bar, err.toString());
        }
        assertEquals(bar + "\r" + " ".repeat(74) + "\r", err.toString());
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
