package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.Generator;
import io.github.dropfuse.Philox;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.testing.NativeBuild;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The numbers of the page that specifies the masks: each is what this library computes. */
class ContractPageTest {
    private static final PhiloxState STATE = new PhiloxState(42, 7);
    private static final double P = 0.1;

    private String page;

    @BeforeEach
    void read() throws IOException {
        page = Files.readString(NativeBuild.target().resolveSibling("src/site/contract.md"));
    }

    /** The rows of the table in plain text that begins with some heading, cut at two spaces. */
    private List<List<String>> table(String heading) {
        List<String> lines = page.lines().toList();
        int at = lines.indexOf(lines.stream()
                .filter(line -> line.replaceAll(" +", " ").strip().startsWith(heading))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no table " + heading)));
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines.subList(at + 1, lines.size())) {
            if (line.isBlank()) {
                break;
            }
            rows.add(Arrays.asList(line.strip().split(" {2,}")));
        }
        return rows;
    }

    private void assertTable(String heading, int least, Function<List<String>, List<String>> row) {
        List<List<String>> rows = table(heading);
        assertTrue(rows.size() >= least, heading + ": " + rows.size() + " rows");
        assertEquals(rows.stream().map(row).toList(), rows);
    }

    private static int[] block(long low, long high, long key) {
        int[] words = new int[4];
        Philox.block(low, high, key, words);
        return words;
    }

    private static String hex(int[] words) {
        return Arrays.stream(words).mapToObj("%08x"::formatted).collect(Collectors.joining(" "));
    }

    private static long pair(String low, String high) {
        return new BigInteger(high + low, 16).longValue();
    }

    @Test
    void blocks() {
        assertTable(
                "counter key words", 3,
                row -> {
                    String[] c = row.get(0).split(" ");
                    String[] k = row.get(1).split(" ");
                    int[] words = block(pair(c[0], c[1]), pair(c[2], c[3]), pair(k[0], k[1]));
                    return List.of(row.get(0), row.get(1), hex(words));
                });
    }

    @Test
    void thresholds() {
        assertTable(
                "p T hi lo", 2,
                row -> {
                    long t = MaskContract.threshold(Double.parseDouble(row.get(0)));
                    return List.of(
                            row.get(0), "" + t, "" + (t >>> 32), "" + (t & 0xFFFFFFFFL));
                });
    }

    @Test
    void firstDraws() {
        MaskContract contract = new MaskContract(P, STATE);
        assertTable(
                "i tile lane word byte block", 6,
                row -> {
                    long i = Long.parseLong(row.get(0));
                    long tile = i / 512;
                    long lane = i % 512 / 4 % 32;
                    int word = (int) (i % 512 / 128);
                    int number = (int) (i % 4);
                    int[] words = block(tile * 32 + lane, STATE.offset(), STATE.seed());
                    return List.of(
                            row.get(0), "" + tile, "" + lane, "" + word, "" + number, hex(words),
                            "" + (words[word] >>> 8 * number & 255),
                            contract.keeps(i) ? "yes" : "no");
                });
    }

    @Test
    void secondDraws() {
        MaskContract contract = new MaskContract(P, STATE);
        assertTable(
                "i block number block r32", 2,
                row -> {
                    long i = Long.parseLong(row.get(0));
                    int[] words = block(i / 4, STATE.offset() | 1L << 63, STATE.seed());
                    return List.of(
                            row.get(0), "" + i / 4, hex(words),
                            Integer.toUnsignedString(words[(int) (i % 4)]),
                            contract.keeps(i) ? "yes" : "no");
                });
    }

    @Test
    void packedMask() {
        MaskContract contract = new MaskContract(P, STATE);
        StringBuilder bits = new StringBuilder();
        byte[] bytes = new byte[8];
        int kept = 0;
        for (int i = 0; i < 1000; i++) {
            boolean keeps = contract.keeps(i);
            kept += keeps ? 1 : 0;
            if (i < 64) {
                bits.append(keeps ? '1' : '0');
                bytes[i / 8] |= (byte) (keeps ? 1 << i % 8 : 0);
            }
        }
        StringBuilder text = new StringBuilder();
        for (byte value : bytes) {
            text.append("%02x ".formatted(value));
        }
        String lines = "    " + bits + "\n    " + text.toString().strip() + "\n";
        assertTrue(page.contains(lines), lines);
        assertTrue(page.contains("\n" + kept + " of the first 1000 units are kept"), "" + kept);
    }

    @Test
    void split() {
        long seed = Generator.seeded(42).split(3).state().seed();
        assertTrue(page.contains("`split(3)` of seed 42 has the seed " + seed + ","), "" + seed);
    }

    /** By the page's rule, which has to give the library's numbers too. */
    @Test
    void normals() {
        Normals normals = new Normals(STATE);
        assertTable(
                "i a n(i) as bits n(i)", 4,
                row -> {
                    long i = Long.parseLong(row.get(0));
                    int e = (int) (i % 256);
                    long high = STATE.offset() + Long.MIN_VALUE;
                    int[] w = block(i / 256 * 32 + e % 32 + Long.MIN_VALUE, high, STATE.seed());
                    int d = e < 128 ? w[e / 32] & 0xFFFF : w[(e - 128) / 32] >>> 16;
                    int a = d & 0x7FFF;
                    int[] v = block(i / 8 + (5L << 61), high, STATE.seed());
                    int r = v[(int) (i / 2 % 4)] >>> (i % 2 == 0 ? 0 : 16) & 0xFFFF;
                    float t = a >= 64 ? 2 * a + 1 : (2 * (a * 65536 + r) + 1) / 65536f;
                    float n = d < 32768 ? Normals.quantile(t) : -Normals.quantile(t);
                    assertEquals(normals.get(i), n);
                    return List.of(
                            row.get(0), "" + a, "%08x".formatted(Float.floatToIntBits(n)), "" + n);
                });
    }
}
