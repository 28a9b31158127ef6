package io.github.dropfuse.bench.run;

import org.openjdk.jmh.runner.options.TimeValue;

/** How much is measured, and for how long each. */
enum Mode {
    /** Every benchmark once, to see that it runs; the figures mean nothing. */
    SMOKE(1, 1, 10),
    /** The figures of the report, in some fifteen minutes. */
    QUICK(2, 5, 150),
    /** Every tier, type and kernel, in about an hour. */
    FULL(3, 7, 250);

    private final int warmups;
    private final int measurements;
    private final int milliseconds;

    Mode(int warmups, int measurements, int milliseconds) {
        this.warmups = warmups;
        this.measurements = measurements;
        this.milliseconds = milliseconds;
    }

    int warmups() {
        return warmups;
    }

    int measurements() {
        return measurements;
    }

    TimeValue time() {
        return TimeValue.milliseconds(milliseconds);
    }

    /** Seconds that the programs in other languages get for each size. */
    double secondsPerSize() {
        return milliseconds * measurements / 500.0;
    }
}
