/**
 * NumPy's {@code .npy} files, memory-mapped for reading and for writing, larger than memory or not.
 *
 * <p>Read are the formats 1.0, 2.0 and 3.0 in C order: float16, float32 and float64, which in the
 * machine's byte order are tensors as they lie in the file, and, to be converted, the other byte
 * order and unsigned bytes. Written are float16, float32 and float64. NumPy has no bfloat16; its bits
 * are written as uint16, and read from there when it is asked for.
 */
package io.github.dropfuse.npy;
