package io.github.dropfuse.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
            for (JsonNode node : new ObjectMapper().readTree(json).get("cases")) {
                cases.add(
                        new Case(
                                node.get("p").doubleValue(),
                                node.get("seed").bigIntegerValue().longValue(),
                                node.get("offset").bigIntegerValue().longValue(),
                                node.get("start").bigIntegerValue().longValue(),
                                node.get("count").intValue(),
                                node.get("kept").longValue(),
                                node.get("first64").textValue(),
                                node.get("sha256").textValue()));
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
