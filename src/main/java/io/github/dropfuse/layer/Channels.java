package io.github.dropfuse.layer;

/** Where a tensor of samples or images has its channels. */
public enum Channels {
    /** Before the spatial dimensions, as in (N, C, H, W). */
    FIRST,

    /** After them, as in (N, H, W, C). */
    LAST
}
