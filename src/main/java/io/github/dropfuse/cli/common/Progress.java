package io.github.dropfuse.cli.common;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on a terminal's standard error, for work that lasts over a second. */
public final class Progress implements AutoCloseable {
    private static final long BEFORE_SHOWING = 1_000_000_000L;
    private static final int BETWEEN_DRAWINGS_MILLIS = 100;
    private static final int WIDTH = 79;

    private final PrintWriter err;
    private final boolean enabled;
    private final LongSupplier clock;
    private final String what;
    private final long begun;
    private long total;
    private long done;
    private ProgressBar bar;

    Progress(PrintWriter err, boolean enabled, LongSupplier clock, String what, long total) {
        this.err = err;
        this.enabled = enabled;
        this.clock = clock;
        this.what = what;
        this.total = total;
        this.begun = clock.getAsLong();
    }

    /** Begins some work of a known size, or of one that is told later. */
    public static Progress of(PrintWriter err, String what, long total) {
        return new Progress(err, Terminal.watchesErrors(), System::nanoTime, what, total);
    }

    /** Notes that there is more work, before any is done. */
    public void expect(long more) {
        total += more;
    }

    /** Notes that some more of the work is done. */
    public void add(long more) {
        done += more;
        if (bar != null) {
            bar.stepTo(done);
        } else if (enabled && clock.getAsLong() - begun >= BEFORE_SHOWING) {
            bar =
                    new ProgressBarBuilder()
                            .setTaskName(what)
                            .setInitialMax(total)
                            .setUnit("%", Math.max(1, total / 100))
                            .startsFrom(done, Duration.ofNanos(clock.getAsLong() - begun))
                            .setStyle(ProgressBarStyle.ASCII)
                            .setUpdateIntervalMillis(BETWEEN_DRAWINGS_MILLIS)
                            .setConsumer(new DelegatingProgressBarConsumer(this::draw, WIDTH))
                            .build();
        }
    }

    private void draw(String line) {
        err.print("\r" + line);
        err.flush();
    }

    /** Clears the bar's line, which the library does not always do. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            draw(" ".repeat(WIDTH) + "\r");
        }
    }
}
