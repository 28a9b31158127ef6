package io.github.dropfuse.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** The forms of the family beside Dropout and DropPath. */
final class Forms {
    private Forms() {}

    /** Labels by the benchmark's name. */
    static Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("channelsFirst", "channel dropout, channels first");
        labels.put("channelsLast", "channel dropout, channels last");
        labels.put("noiseShape", "noise shape (N, 1, H, 1)");
        labels.put("dropBlock", "DropBlock 7 × 7");
        labels.put("alphaDropout", "alpha dropout");
        labels.put("gaussianDropout", "Gaussian dropout");
        labels.put("gaussianNoise", "Gaussian noise");
        labels.put("torchRand", "PyTorch's masks, modules with rand");
        labels.put("torchDropout", "PyTorch's masks, its dropout");
        labels.put("gather", "kept samples gathered");
        labels.put("tokenDrop", "token drop");
        labels.put("biasGradient", "gradient of a bias");
        labels.put("gammaGradient", "gradient of γ");
        labels.put("dropoutAdd", "bias + dropout + residual");
        labels.put("dropPathAdd", "DropPath + residual");
        labels.put("dropPathAddGamma", "γ, DropPath + residual");
        labels.put("scatterAdd", "kept samples added back");
        return labels;
    }
}
