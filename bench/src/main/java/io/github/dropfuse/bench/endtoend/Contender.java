package io.github.dropfuse.bench.endtoend;

/** Who drops. */
public enum Contender {
    /** Nobody: what everything else costs. */
    NONE,
    /** The framework's own dropout. */
    FRAMEWORK,
    /** Dropfuse's adapter, as its guide says it is used. */
    DROPFUSE,
    /** The same with arrays split over Java's common pool, where that has to be asked for. */
    DROPFUSE_POOL
}
