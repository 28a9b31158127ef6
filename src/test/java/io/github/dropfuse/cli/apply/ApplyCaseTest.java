package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.TokenDrop;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Compares a layer through the command with the layer called from Java on the reference. */
abstract class ApplyCaseTest extends NpyCommandTest {
    static final long WHOLE = 1L << 24;

    static List<ApplyCases.Case> cases() {
        return ApplyCases.all();
    }

    /**
     * Runs a case as a whole and in parts.
     *
     * @param where options that say where to compute, each after a space
     */
    final void check(
            ApplyCases.Case wanted, DType dtype, long start, boolean backward, String where)
            throws IOException {
        long[] shape = wanted.shape();
        boolean token = wanted.layer().equals("tokendrop");
        long[] outShape = token ? keptTokens(wanted) : shape;
        Path residual = directory.resolve("residual.npy");
        Path vector = directory.resolve("vector.npy");
        write(in, dtype, backward ? outShape : shape);
        write(residual, dtype, shape);
        write(vector, dtype, shape.length == 0 ? 1 : shape[shape.length - 1]);
        String line = wanted.line() + " --start " + start + where;
        line += dtype == DType.BFLOAT16 ? " --bfloat16" : "";
        if (backward) {
            line =
                    line.replace(" --residual R", "")
                                    .replace(" --previous R", "")
                                    .replace(" --bias V", "")
                            + " --backward";
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
}
