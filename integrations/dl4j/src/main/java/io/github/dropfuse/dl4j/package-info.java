/**
 * Dropfuse's layers in Deeplearning4j: its {@code IDropout} and {@code IWeightNoise}, and a vertex.
 *
 * <p>p is the probability to DROP here, in every class. In Deeplearning4j's own it is the
 * probability to keep. {@link io.github.dropfuse.dl4j.StreamDropout} says where the masks come
 * from.
 *
 * {@snippet file="io/github/dropfuse/dl4j/ExampleTest.java" region="network"}
 */
package io.github.dropfuse.dl4j;
