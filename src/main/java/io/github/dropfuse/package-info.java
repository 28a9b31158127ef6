/**
 * What every part of Dropfuse speaks of: tensors and their types, the states that stand for masks,
 * stored masks, and the generator that all of them come from.
 *
 * {@snippet file="io/github/dropfuse/ExamplesTest.java" region="tensors"}
 */
package io.github.dropfuse;
