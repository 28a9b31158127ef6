package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.testing.MaskVectors;
import io.github.dropfuse.testing.TorchVectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch's own masks through the command: its recorded outputs, and any layer in parts. */
class ApplyStreamTest extends NpyCommandTest {
    private static final long WHOLE = 1L << 24;

    static List<TorchVectors.Case> recorded() {
        return TorchVectors.all();
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void givesTheDigestsOfPytorch(TorchVectors.Case recorded) throws IOException {
        write(in, recorded.dtype(), TorchVectors::input, recorded.shape());
        String line =
                "--force --layer " + (recorded.isDropPath() ? "droppath" : "dropout")
                        + option(recorded.stream(), recorded.dtype()) + " --p " + recorded.p()
                        + " --seed " + recorded.manualSeed() + " --calls " + recorded.calls() + " "
                        + in + " " + out;
        for (long part : new long[] {WHOLE, 1000}) {
            Cli cli = apply(part, line);
            assertEquals(0, cli.code(), cli.err());
            assertTrue(cli.out().endsWith(" sha256=" + recorded.sha256() + "\n"), cli.out());
        }
    }

    private static String option(TorchStream stream, DType dtype) {
        return (dtype == DType.BFLOAT16 ? " --bfloat16" : "") + " --stream pytorch-"
                + (stream == TorchStream.RAND ? "rand" : "dropout");
    }

    private record Case(String options, ScaledDropout layer, long... shape) {
        @Override
        public String toString() {
            return options;
        }
    }

    static List<Case> cases() {
        Scaling scaled = Scaling.IN_TRAINING;
        return List.of(
                new Case("dropout --p 0.3", new Dropout(0.3), 5, 40),
                new Case("dropout --p 0", new Dropout(0), 5, 40),
                new Case("dropout --p 1", new Dropout(1), 5, 40),
                new Case("dropout --p 0.3", new Dropout(0.3), 0),
                new Case("dropconnect --p 0.3 --scaling none",
                        new Dropout(0.3, Scaling.NONE), 5, 40),
                new Case("dropout --p 0.3 --noise-shape 1,40",
                        new Dropout(0.3, scaled, Units.noiseShape(1, 40)), 5, 40),
                new Case("dropout --p 0.3 --noise-shape 9,1,4",
                        new Dropout(0.3, scaled, Units.noiseShape(9, 1, 4)), 9, 5, 4),
                new Case("dropout1d --p 0.3", new Dropout1d(0.3), 9, 8, 5),
                new Case("dropout1d --p 0.3 --channels-last",
                        new Dropout1d(0.3, Channels.LAST, scaled), 9, 30),
                new Case("dropout2d --p 0.3", new Dropout2d(0.3), 9, 8, 5, 2),
                new Case("dropout2d --p 0.3 --channels-last",
                        new Dropout2d(0.3, Channels.LAST, scaled), 9, 2, 3, 8),
                new Case("dropout3d --p 0.3", new Dropout3d(0.3), 9, 8, 5, 2),
                new Case("droppath --p 0.5", new DropPath(0.5), 60, 3),
                new Case("droppath --p 0.5 --mode batch",
                        new DropPath(0.5, DropPath.Mode.BATCH, scaled), 60, 3));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheLayerCalledFromJava(Case wanted) throws IOException {
        for (TorchStream stream : TorchStream.values()) {
            for (DType dtype : DType.values()) {
                write(in, dtype, wanted.shape());
                check(wanted, stream, dtype, 1, "");
                check(wanted, stream, dtype, 3, "");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyBackendGivesTheSame(Case wanted) throws IOException {
        write(in, DType.FLOAT32, wanted.shape());
        for (String where : onEachBackend()) {
            check(wanted, TorchStream.RAND, DType.FLOAT32, 2, where);
            check(wanted, TorchStream.DROPOUT, DType.FLOAT32, 2, where);
        }
    }

    private void check(Case wanted, TorchStream stream, DType dtype, int calls, String where)
            throws IOException {
        ScaledDropout layer = wanted.layer();
        byte[] expected;
        String outcome;
        String digest;
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = read(in, arena);
            Tensor y = Tensor.allocate(arena, dtype, x.shape());
            TorchGenerator generator = TorchGenerator.seeded(7);
            TorchCall last = generator.next(stream);
            layer.forward(x, y, last);
            for (int call = 1; call < calls; call++) {
                last = generator.next(stream);
                layer.forward(x, y, last);
            }
            expected = bytes(y);
            digest = MaskVectors.sha256(y.segment());
            outcome =
                    "kept=" + layer.mask(arena, x, last).kept()
                            + " total=" + layer.units(x) + " scale=";
        }
        String line =
                "--layer " + wanted.options() + " --seed 7"
                        + option(stream, dtype) + " --calls " + calls + where;
        same(outcome, digest, apply(1, line + " " + in + " " + out));
        assertArrayEquals(expected, bytes(out), line);
        Files.delete(out);
        same(outcome, digest, apply(77, line + " --backward " + in + " " + out));
        assertArrayEquals(expected, bytes(out), line);
        Files.delete(out);
    }

    private static void same(String outcome, String digest, Cli cli) {
        assertEquals("", cli.err());
        assertTrue(cli.out().startsWith(outcome), cli.out());
        assertTrue(cli.out().endsWith(" sha256=" + digest + "\n"), cli.out());
    }

    @Test
    void onlyTheLow32BitsOfTheSeedCount() throws IOException {
        write(in, DType.FLOAT32, 5, 40);
        String line = " --layer dropout --p 0.5 --force --stream pytorch-rand " + in + " " + out;
        String digest = apply(WHOLE, "--seed 7" + line).out().replaceAll(".* ", "");
        assertEquals(
                digest,
                apply(WHOLE, "--seed 0xABC00000007" + line).out().replaceAll(".* ", ""));
    }
}
