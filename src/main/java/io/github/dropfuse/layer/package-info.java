/** The layers, and where and how they are computed. */
package io.github.dropfuse.layer;
