package io.github.dropfuse.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code vectors/pytorch.json}: what PyTorch computed. */
public final class TorchVectors {
    private TorchVectors() {}

    /** An output that PyTorch computed. */
    public record Recorded(
            String kind,
            double p,
            long manualSeed,
            long[] shape,
            DType dtype,
            int calls,
            List<Double> first8,
            String sha256) {

        static Recorded of(Map<?, ?> node) {
            return new Recorded(
                    (String) node.get("kind"),
                    ((Number) node.get("p")).doubleValue(),
                    ((Number) node.get("manual_seed")).longValue(),
                    ((List<?>) node.get("shape"))
                            .stream().mapToLong(extent -> ((Number) extent).longValue()).toArray(),
                    DType.valueOf(((String) node.get("dtype")).toUpperCase(Locale.ROOT)),
                    ((Number) node.get("calls")).intValue(),
                    ((List<?>) node.get("first8"))
                            .stream().map(value -> Double.valueOf((String) value)).toList(),
                    (String) node.get("sha256"));
        }

        /** Whether the layer was a DropPath, or else a dropout. */
        public boolean isDropPath() {
            return kind.endsWith("DropPath");
        }

        public TorchStream stream() {
            return kind.startsWith("article") ? TorchStream.RAND : TorchStream.DROPOUT;
        }

        /** Fills in what PyTorch was given. */
        public void fill(Tensor x) {
            for (long e = 0; e < x.size(); e++) {
                x.set(e, (e * 2654435761L & 0xFFFFFFFFL) * 0x1p-32 - 0.5);
            }
        }

        @Override
        public String toString() {
            return kind + " p = " + p + " " + Arrays.toString(shape) + " call " + calls;
        }
    }

    public static List<Recorded> all() throws IOException {
        try (InputStream json = TorchVectors.class.getResourceAsStream("/vectors/pytorch.json")) {
            return ((List<?>) JSON.std.mapFrom(json).get("cases"))
                    .stream().map(node -> Recorded.of((Map<?, ?>) node)).toList();
        }
    }
}
