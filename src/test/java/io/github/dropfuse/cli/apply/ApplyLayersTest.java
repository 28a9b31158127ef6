package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.npy.NpyBytes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer through the command is the layer called from Java, as a whole and in parts. */
class ApplyLayersTest extends NpyCommandTest {
    private static final long WHOLE = 1L << 24;

    static List<ApplyCases.Case> cases() {
        return ApplyCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheLayerCalledFromJava(ApplyCases.Case wanted) throws IOException {
        check(wanted, DType.FLOAT32, 0, false);
        check(wanted, DType.BFLOAT16, 777, false);
        check(wanted, DType.FLOAT64, 3, true);
        check(wanted, DType.FLOAT16, 1000, true);
    }

    private void check(ApplyCases.Case wanted, DType dtype, long start, boolean backward)
            throws IOException {
        long[] shape = wanted.shape();
        boolean token = wanted.layer().equals("tokendrop");
        long[] outShape = token ? keptTokens(wanted) : shape;
        Path residual = directory.resolve("residual.npy");
        Path vector = directory.resolve("vector.npy");
        write(in, dtype, backward ? outShape : shape);
        write(residual, dtype, shape);
        write(vector, dtype, shape.length == 0 ? 1 : shape[shape.length - 1]);
        String line = wanted.line() + " --start " + start;
        line += dtype == DType.BFLOAT16 ? " --bfloat16" : "";
        if (backward) {
            line = line.replace(" --residual R", "").replace(" --bias V", "") + " --backward";
            line += token ? " --tokens " + shape[1] : "";
        }
        line = line.replace(" R", " " + residual).replace(" V", " " + vector);
        byte[] expected;
        String outcome;
        try (Arena arena = Arena.ofConfined()) {
            Tensor y = Tensor.allocate(arena, dtype, backward ? shape : outShape);
            ApplyCases.Call call =
                    new ApplyCases.Call(
                            arena, read(in, arena), y, read(vector, arena),
                            read(residual, arena), start);
            outcome = (backward ? wanted.backward() : wanted.forward()).run(call);
            expected = bytes(y);
        }
        for (long part : new long[] {1, 100}) {
            String what = line + " in parts of " + part;
            same(what, outcome, expected, apply(part, line + " " + in + " " + out), out);
            Files.delete(out);
        }
        same(line, outcome, expected, apply(WHOLE, line + " --in-place " + in), in);
    }

    private static long[] keptTokens(ApplyCases.Case wanted) {
        String[] words = wanted.options().split(" ");
        int prefix = words.length == 3 ? 0 : Integer.parseInt(words[4]);
        long[] shape = wanted.shape().clone();
        shape[1] = new TokenDrop(0.4, prefix).kept((int) shape[1]);
        return shape;
    }

    private static void same(String what, String outcome, byte[] expected, Cli cli, Path made)
            throws IOException {
        assertEquals("", cli.err(), what);
        assertEquals(0, cli.code(), what);
        assertTrue(cli.out().startsWith(outcome + " backend="), () -> what + ": " + cli.out());
        assertArrayEquals(expected, bytes(made), what);
    }

    @Test
    void everyLayerIsTested() {
        assertEquals(
                Stream.of(ApplyLayer.values()).map(ApplyLayer::toString).sorted().toList(),
                cases().stream().map(ApplyCases.Case::layer).distinct().sorted().toList());
    }

    /** Input, residual and bias may each be of bytes or of the other byte order. */
    @Test
    void convertsEveryFile() throws IOException {
        byte[] pixels = new byte[6 * 8 * 4];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 37);
        }
        Path residual = directory.resolve("residual.npy");
        Path bias = directory.resolve("bias.npy");
        for (String descr : new String[] {"|u1", ">f4", "<f4"}) {
            byte[] data = descr.equals("|u1") ? Arrays.copyOf(pixels, 6 * 8) : pixels;
            Files.write(in, NpyBytes.file(descr, "6, 8", data));
            Files.write(residual, NpyBytes.file(descr, "6, 8", data));
            Files.write(bias, NpyBytes.file("|u1", "8,", Arrays.copyOf(pixels, 8)));
            try (Arena arena = Arena.ofConfined()) {
                Tensor y = Tensor.allocate(arena, DType.FLOAT32, 6, 8);
                new DropoutAdd(new Dropout(0.3).with(ApplyCases.REFERENCE))
                        .forward(
                                read(in, arena), read(bias, arena),
                                read(residual, arena), y, ApplyCases.STATE);
                for (long part : new long[] {WHOLE, 1, 16, 40}) {
                    Cli cli =
                            apply(
                                    part,
                                    "--layer dropoutadd --p 0.3 --seed 5 --offset 9 --force"
                                            + " --residual " + residual + " --bias " + bias + " "
                                            + in + " " + out);
                    assertEquals(0, cli.code(), cli.err());
                    assertArrayEquals(bytes(y), bytes(out));
                }
            }
        }
    }

    @Test
    void everyBackendGivesTheSame() throws IOException {
        write(in, DType.FLOAT32, 4, 3, 10, 10);
        for (String layer :
                List.of(
                        "dropblock2d --p 0.2 --block-size 3",
                        "gaussiandropout --p 0.3",
                        "dropout2d --p 0.5",
                        "dropout --p 0.3 --stream pytorch-dropout",
                        "droppathadd --p 0.5 --residual " + in)) {
            Set<String> digests = new TreeSet<>();
            for (var backend : Backends.all()) {
                Cli cli =
                        Cli.line(
                                "apply --force --sha256 --seed 3 --layer " + layer + " --backend "
                                        + backend.name() + " --tier " + backend.tier() + " " + in
                                        + " " + out);
                assertEquals(0, cli.code(), cli.err());
                digests.add(cli.out().replaceAll("backend=.* sha256", "sha256"));
            }
            assertEquals(1, digests.size(), digests::toString);
        }
    }
}
