/**
 * Blocks of the Deep Java Library for every layer of Dropfuse.
 *
 * <pre>{@code
 * Generator generator = Generator.seeded(42);
 * SequentialBlock net = new SequentialBlock()
 *         .add(Linear.builder().setUnits(256).build())
 *         .add(Activation.reluBlock())
 *         .add(DropoutBlock.builder().optRate(0.1).optGenerator(generator).build())
 *         .add(Linear.builder().setUnits(10).build());
 * TorchOperator.install();   // once, and only if wanted: faster, and nothing is kept
 * }</pre>
 */
package io.github.dropfuse.djl;
