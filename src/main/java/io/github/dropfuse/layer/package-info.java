/**
 * The layers, and where and how they are computed.
 *
 * {@snippet file="io/github/dropfuse/ExamplesTest.java" region="layers"}
 *
 * <p>An argument that is outside of the range which its documentation gives is answered with an
 * {@link java.lang.IllegalArgumentException} that names argument, value and range; one that is null
 * with a {@link java.lang.NullPointerException} that names it.
 */
package io.github.dropfuse.layer;
