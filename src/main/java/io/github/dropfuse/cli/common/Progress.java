package io.github.dropfuse.cli.common;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** A bar on a terminal's standard error, for work that lasts over a second. */
public final class Progress implements AutoCloseable {
    private static final long BEFORE_SHOWING = 1_000_000_000L;
    private static final long BETWEEN_DRAWINGS = 100_000_000L;
    private static final int WIDTH = 40;

    private final PrintWriter err;
    private final boolean enabled;
    private final LongSupplier clock;
    private final String what;
    private final long total;
    private final long begun;
    private long done;
    private long drawn;
    private boolean visible;

    Progress(PrintWriter err, boolean enabled, LongSupplier clock, String what, long total) {
        this.err = err;
        this.enabled = enabled;
        this.clock = clock;
        this.what = what;
        this.total = total;
        this.begun = clock.getAsLong();
    }

    /** Begins some work of a known size. */
    public static Progress of(PrintWriter err, String what, long total) {
        return new Progress(err, Terminal.watchesErrors(), System::nanoTime, what, total);
    }

    /** Notes that some more of the work is done. */
    public void add(long more) {
        done += more;
        long now = clock.getAsLong();
        boolean due = visible ? now - drawn >= BETWEEN_DRAWINGS : now - begun >= BEFORE_SHOWING;
        if (enabled && due) {
            draw(now);
        }
    }

    private void draw(long now) {
        double part = total == 0 ? 1 : Math.min(1, (double) done / total);
        int filled = (int) (part * WIDTH);
        double left = (now - begun) * (1 - part) / Math.max(part, 1e-9) * 1e-9;
        err.print(
                String.format(
                        Locale.ROOT,
                        "\r%s [%s%s] %3.0f %%, %.0f s left  ",
                        what,
                        "=".repeat(filled),
                        " ".repeat(WIDTH - filled),
                        100 * part,
                        left));
        err.flush();
        drawn = now;
        visible = true;
    }

    /** Clears the bar's line. */
    @Override
    public void close() {
        if (visible) {
            err.print("\r" + " ".repeat(what.length() + WIDTH + 30) + "\r");
            err.flush();
        }
    }
}
