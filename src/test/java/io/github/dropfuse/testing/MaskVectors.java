package io.github.dropfuse.testing;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The contract's masks, as an independent program computed them. */
public final class MaskVectors {
    private MaskVectors() {}

    /** One mask; integers are 64 bits wide, whatever their sign. */
    public record Case(
            double p,
            long seed,
            long offset,
            long start,
            int count,
            long kept,
            String first64,
            String sha256) {}

    public static List<Case> all() {
        try (InputStream json = MaskVectors.class.getResourceAsStream("/vectors/mask.json")) {
            List<Case> cases = new ArrayList<>();
            Map<String, Object> root = JSON.std.mapFrom(json);
            for (Object entry : (List<?>) root.get("cases")) {
                Map<?, ?> node = (Map<?, ?>) entry;
                cases.add(
                        new Case(
                                ((Number) node.get("p")).doubleValue(),
                                ((Number) node.get("seed")).longValue(),
                                ((Number) node.get("offset")).longValue(),
                                ((Number) node.get("start")).longValue(),
                                ((Number) node.get("count")).intValue(),
                                ((Number) node.get("kept")).longValue(),
                                (String) node.get("first64"),
                                (String) node.get("sha256")));
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String sha256(MemorySegment bytes) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(bytes.toArray(ValueLayout.JAVA_BYTE));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
