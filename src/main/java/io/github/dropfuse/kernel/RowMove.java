package io.github.dropfuse.kernel;

/** What is done with the rows of a dense tensor and their places in a larger one. */
public enum RowMove {
    /** Row j of the dense output is the input's row at place j, times the scale; 1 copies. */
    GATHER,
    /** The output's row at place j, which no two rows share, is row j of the dense input. */
    SCATTER,
    /**
     * Row j of the dense input, times the scale, is added to the output's row at place j, which no
     * two rows share.
     */
    SCATTER_ADD
}
