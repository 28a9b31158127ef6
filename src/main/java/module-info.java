/**
 * Dropout and stochastic depth for the JVM at memory speed, with the same mask on every device.
 */
module io.github.dropfuse {
    exports io.github.dropfuse;
    exports io.github.dropfuse.layer;
}
