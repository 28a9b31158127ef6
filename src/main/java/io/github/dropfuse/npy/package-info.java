/**
 * NumPy's {@code .npy} files, memory-mapped for reading and for writing, larger than memory or not.
 *
 * <p>Read are the formats 1.0, 2.0 and 3.0: float16, float32 and float64, and bfloat16 as the Python
 * package ml_dtypes has it saved, which in C order and the machine's byte order are tensors as they
 * lie in the file. The other byte order, Fortran order and unsigned bytes are converted. Elements are
 * numbered in row-major order always. Written are the same types in C order. NumPy has no bfloat16;
 * its bits are written as uint16, or as ml_dtypes does, and read from uint16 when it is asked for.
 *
 * {@snippet file="io/github/dropfuse/ExamplesTest.java" region="files"}
 */
package io.github.dropfuse.npy;
