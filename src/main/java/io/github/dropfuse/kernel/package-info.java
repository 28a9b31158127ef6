/** The backends: plain Java and native code behind one interface. Not exported. */
package io.github.dropfuse.kernel;
