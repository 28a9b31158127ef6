package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.LayerType;
import io.github.dropfuse.npy.NpyBytes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer through the command is the layer called from Java, as a whole and in parts. */
class ApplyLayersTest extends ApplyCaseTest {
    @ParameterizedTest
    @MethodSource("cases")
    void isTheLayerCalledFromJava(ApplyCases.Case wanted) throws IOException {
        check(wanted, DType.FLOAT32, 0, false, "");
        check(wanted, DType.BFLOAT16, 777, false, "");
        check(wanted, DType.FLOAT64, 3, true, "");
        check(wanted, DType.FLOAT16, 1000, true, "");
    }

    @Test
    void everyLayerIsTested() {
        assertEquals(
                Catalogue.layers().stream().map(LayerType::name).sorted().toList(),
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

    @ParameterizedTest
    @MethodSource("cases")
    void everyBackendGivesTheSame(ApplyCases.Case wanted) throws IOException {
        for (String where : onEachBackend()) {
            check(wanted, DType.FLOAT32, 5, false, where);
            check(wanted, DType.FLOAT32, 5, true, where);
        }
    }
}
