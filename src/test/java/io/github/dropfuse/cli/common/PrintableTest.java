package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void escapesWhatATerminalObeysOrHides() {
        assertEquals("a\\u001b[1m\\u0007\\u009bb", Printable.line("a\u001b[1m\u0007\u009bb"));
        assertEquals("\\u202egnp.exe", Printable.line("\u202egnp.exe"));
        assertEquals("\\udb40\\udc41", Printable.line("\udb40\udc41"));
    }

    @Test
    void keepsLettersOfAllScriptsAndTabs() {
        String text = "d\u00e9j\u00e0\tvu \u0639 \ud83d\ude00";
        assertEquals(text, Printable.line(text));
    }

    @Test
    void joinsLines() {
        assertEquals("a; b; c", Printable.line(" a \n b\r\n\u2028 c\n"));
        assertEquals("a\nb\\u0007", Printable.lines("a\r\nb\u0007"));
    }
}
