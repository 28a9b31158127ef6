package io.github.dropfuse.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** The small calls, from the whole layer down to nothing at all. */
final class SmallCalls {
    private SmallCalls() {}

    /** Labels by the benchmark's name. */
    static Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("layerAndGenerator", "layer.forward(x, y, generator.next())");
        labels.put("layer", "layer.forward(x, y, state)");
        labels.put("kernels", "kernel through the Java interface");
        labels.put("ffmCritical", "kernel through FFM, critical");
        labels.put("ffm", "kernel through FFM, plain");
        labels.put("jni", "kernel through JNI");
        labels.put("c", "kernel called by C");
        labels.put("emptyFfmCritical", "empty function, FFM critical");
        labels.put("emptyFfm", "empty function, FFM plain");
        labels.put("emptyJni", "empty function, JNI");
        return labels;
    }
}
