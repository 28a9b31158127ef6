/**
 * Blocks of the Deep Java Library for every layer of Dropfuse.
 *
 * {@snippet file="io/github/dropfuse/djl/ExampleTest.java" region="network"}
 *
 * <p>{@link io.github.dropfuse.djl.TorchOperator#install} makes them faster in PyTorch, and keeps nothing
 * for the backward pass.
 */
package io.github.dropfuse.djl;
