package io.github.dropfuse;

/**
 * Where a layer's decisions come from: drawn from a {@link PhiloxState}, or stored in a {@link
 * Mask}. A mask drawn from a state and the state itself are interchangeable wherever a layer needs
 * one.
 */
public sealed interface MaskSource permits PhiloxState, Mask {}
