package io.github.dropfuse.bench.report;

/** The contenders' names in rows, plots and tables. */
final class Contenders {
    static final String MEMCPY = "memcpy (MemorySegment.copy)";
    static final String C_MEMCPY = "memcpy (C, through FFM)";
    static final String C_LOOP = "plain loop (C, through FFM)";
    static final String DROPFUSE = "Dropfuse";
    static final String LOOP = "plain Java, one loop";
    static final String TWO_PASS = "plain Java, two passes";
    static final String PYTORCH_DJL = "PyTorch, DJL";
    static final String ND4J = "ND4J";
    static final String SMALL_CALL = "small call";
    static final String C_PROGRAM = "C program";

    private Contenders() {}

    static boolean isPyTorchInPython(String contender) {
        return contender.startsWith("PyTorch") && contender.endsWith("Python");
    }

    static boolean isCtypes(String contender) {
        return contender.contains("ctypes");
    }
}
