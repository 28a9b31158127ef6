package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Staging;
import java.util.List;

/** A random call with all of its arguments but the memory; its text names them. */
interface Call {
    /**
     * Where and how a call is made.
     *
     * @param staging where it is computed
     * @param mode of the calling thread; null for the usual one
     * @param plain whether it takes the shortest way, or else detours that give the same
     */
    record Setting(Staging staging, FloatingPointMode mode, boolean plain) {
        void run(Runnable kernel) {
            if (mode == null) {
                kernel.run();
            } else {
                mode.run(kernel);
            }
        }
    }

    /** What it reads and writes. */
    List<Slot> slots();

    /** The shape that can be cut. */
    long[] shape();

    /** Along how many of its first dimensions. */
    int cuts();

    /** Whether nothing but native code computes with floating-point numbers on the way. */
    boolean takesModes();

    /** Whether the reference is not compared with itself. */
    default boolean isForOthers() {
        return false;
    }

    /** Makes the call for a part, whose memory that is. */
    void run(Memory memory, Box part, Setting setting);
}
