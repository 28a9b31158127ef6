package io.github.dropfuse.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Outputs that PyTorch computed. */
public final class TorchVectors {
    private TorchVectors() {}

    /** The last of some calls after a seeding, on {@link #input}. */
    public record Case(
            String kind,
            double p,
            long manualSeed,
            long[] shape,
            DType dtype,
            int calls,
            List<Double> first8,
            String sha256) {

        static Case of(Map<?, ?> node) {
            return new Case(
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

        /** Whether the layer is DropPath and not Dropout. */
        public boolean isDropPath() {
            return kind.endsWith("DropPath");
        }

        public TorchStream stream() {
            return kind.startsWith("article") ? TorchStream.RAND : TorchStream.DROPOUT;
        }

        /** Fills in what PyTorch was given. */
        public void fill(Tensor x) {
            for (long e = 0; e < x.size(); e++) {
                x.set(e, input(e));
            }
        }

        @Override
        public String toString() {
            return kind + " p = " + p + " " + Arrays.toString(shape) + " call " + calls;
        }
    }

    public static List<Case> all() {
        try (InputStream json = TorchVectors.class.getResourceAsStream("/vectors/pytorch.json")) {
            return ((List<?>) JSON.std.mapFrom(json).get("cases"))
                    .stream().map(node -> Case.of((Map<?, ?>) node)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An element of the input, before it is rounded to the case's type. */
    public static double input(long element) {
        return (element * 2654435761L & 0xFFFFFFFFL) * 0x1p-32 - 0.5;
    }
}
