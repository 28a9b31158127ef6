package io.github.dropfuse;

/**
 * Where a layer's decisions come from:
 *
 * <ul>
 *   <li>a {@link PhiloxState} draws them: 16 bytes that stand for a mask;
 *   <li>a {@link Mask} holds them. Of a {@linkplain Shard shard} it is the whole tensor's mask,
 *       whose bit is a unit's index;
 *   <li>a {@link TorchCall} draws PyTorch's own, for Dropout, channel dropout and DropPath.
 * </ul>
 *
 * <p>A state and the mask drawn from it are interchangeable. Give a backward pass what the forward
 * pass was given.
 */
public sealed interface MaskSource permits PhiloxState, Mask, TorchCall {}
