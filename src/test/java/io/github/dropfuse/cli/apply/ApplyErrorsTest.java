package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.Catalogue;
import io.github.dropfuse.layer.LayerType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What {@code apply} refuses: one line, exit code 2, no output, and the input as it was. */
class ApplyErrorsTest extends NpyCommandTest {
    static List<LayerType> layers() {
        return Catalogue.layers();
    }

    @BeforeEach
    void write() throws IOException {
        write(in, DType.FLOAT32, 4, 6, 5);
        write(directory.resolve("float64.npy"), DType.FLOAT64, 4, 6, 5);
        write(directory.resolve("other.npy"), DType.FLOAT32, 4, 5, 6);
        write(directory.resolve("five.npy"), DType.FLOAT32, 5);
        write(directory.resolve("six.npy"), DType.FLOAT32, 6);
        write(directory.resolve("wide5.npy"), DType.FLOAT64, 5);
        write(directory.resolve("image.npy"), DType.FLOAT32, 2, 3, 7, 5);
        write(directory.resolve("scalar.npy"), DType.FLOAT32);
    }

    /** {@code D/} stands for the directory; a case may name another input than in.npy at its end. */
    private void assertRefuses(String options, String error) throws IOException {
        int at = options.indexOf(" < ");
        Path input = at < 0 ? in : directory.resolve(options.substring(at + 3));
        String line =
                "apply --seed 1 --layer "
                        + (at < 0 ? options : options.substring(0, at))
                                .replace("D/", directory + "/");
        byte[] before = Files.readAllBytes(input);
        List<String> files = names();
        String said = "dropfuse apply: " + error.replace("D/", directory + "/") + "\n";
        assertEquals(new Cli(2, "", said), Cli.line(line + " " + input + " " + out), line);
        assertEquals(new Cli(2, "", said), Cli.line(line + " --in-place " + input), line);
        assertArrayEquals(before, Files.readAllBytes(input));
        assertEquals(files, names());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    dropout                               | Missing --p, which dropout needs
                    dropblock2d --p 0.1                   | Missing --block-size, which dropblock2d needs
                    gaussiannoise                         | Missing --sigma, which gaussiannoise needs
                    gaussiannoise --backward              | Missing --sigma, which gaussiannoise needs
                    dropoutadd --p 0.1                    | Missing --residual, which dropoutadd needs
                    droppathadd --p 0.1                   | Missing --residual, which droppathadd needs
                    zoneout --p 0.1                       | Missing --previous, which zoneout needs
                    tokendrop --p 0.1 --backward          | Missing --tokens, which tokendrop needs
                    """)
    void wants(String options, String error) throws IOException {
        assertRefuses(options, error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    dropout --p 0.1 --sigma 1             | --sigma is not for dropout, which takes --calls, --noise-shape, --p, --scaling, --stream
                    gaussiannoise --sigma 1 --p 0.5       | --p is not for gaussiannoise, which takes --sigma
                    gaussiandropout --p 0.5 --stream pytorch-rand | --stream is not for gaussiandropout, which takes --p
                    dropout --p 0.1 --calls 2             | --calls is for --stream
                    dropout --p 0.1 --stream pytorch-rand --offset 0 | --offset is not used with --stream
                    dropout --p 0.1 --stream pytorch-rand --start 3  | --start is not used with --stream
                    tokendrop --p 0.1 --tokens 9          | --tokens is for --backward
                    dropoutadd --p 0.1 --residual D/in.npy --backward | --residual is not used with --backward
                    zoneout --p 0.1 --previous D/in.npy --backward | --previous is not used with --backward
                    dropoutadd --p 0.1 --bias D/five.npy --backward | --bias is not used with --backward
                    """)
    void ignoresNothing(String options, String error) throws IOException {
        assertRefuses(options, error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    dropout --p 1.5                       | Invalid value for option '--p': 1.5, allowed are 0 to 1
                    dropout --p nan                       | Invalid value for option '--p': nan, allowed are 0 to 1
                    gaussiandropout --p 1                 | p is 1.0, allowed are 0 to below 1
                    gaussiannoise --sigma -1              | sigma is -1.0, allowed are 0 and more, up to the largest finite number
                    gaussiannoise --sigma NaN             | sigma is NaN, allowed are 0 and more, up to the largest finite number
                    gaussiannoise --sigma x               | Invalid value for option '--sigma': 'x' is not a double
                    dropout --p 0.1 --scaling twice       | Invalid value for option '--scaling': twice, allowed are in-training, at-inference, none
                    droppath --p 0.1 --mode column        | Invalid value for option '--mode': column, allowed are row, batch
                    dropout --p 0.1 --stream mkl          | Invalid value for option '--stream': mkl, allowed are pytorch-rand, pytorch-dropout
                    dropout --p 0.1 --stream pytorch-rand --calls 0 | Invalid value for option '--calls': 0, allowed are 1 to 2^63 - 1
                    dropout --p 0.1 --stream pytorch-rand --calls 9223372036854775807 | calls is 9223372036854775807, with 120 units allowed are 1 to 76861433640456466
                    dropblock2d --p 0.1 --block-size 0 < image.npy | blockSize is 0, allowed are 1 to the least spatial extent
                    dropblock2d --p 0.1 --block-size 6 < image.npy | blockSize is 6, allowed are 1 to 5, the least of the spatial extents [7, 5]
                    dropblock2d --p 0.1 --block-size 2 --centres left < image.npy | Invalid value for option '--centres': left, allowed are valid, everywhere
                    dropblock2d --p 0.1 --block-size 2 --factor 2 < image.npy | Invalid value for option '--factor': 2, allowed are expected, realised, none
                    tokendrop --p 0.1 --prefix-tokens -1  | prefixTokens is -1, allowed are 0 to 2^31 - 1
                    tokendrop --p 0.1 --prefix-tokens 7   | tokens is 6, allowed are 7, the tokens always kept, and more
                    tokendrop --p 0.5 --backward --tokens 6 | IN.npy has 6 tokens, allowed with --tokens 6 are 3, those that are kept
                    tokendrop --p 0.5 --backward --tokens 2000000000 | IN.npy has 6 tokens, allowed with --tokens 2000000000 are 1000000000, those that are kept
                    tokendrop --p 0.5 --backward --tokens -1 | tokens is -1, allowed are 0, the tokens always kept, and more
                    tokendrop --p 0.5 --start 3074457345618258599 | start is 3074457345618258599, with 24 units allowed are 0 to 3074457345618258598
                    tokendrop --p 0.5 --start 18446744073709551615 | start is 18446744073709551615, with 24 units allowed are 0 to 3074457345618258598
                    dropblock2d --p 0.1 --block-size 2 --start 9223372036854775807 < image.npy | start is 9223372036854775807, with 144 units allowed are 0 to 256204778801521548
                    dropblock2d --p 0.1 --block-size 2 --start 256204778801521549 < image.npy | start is 256204778801521549, with 144 units allowed are 0 to 256204778801521548
                    dropblock2d --p 0.1 --block-size 2 --shared-by-channels --start 768614336404564649 < image.npy | start is 768614336404564649, with 48 units allowed are 0 to 768614336404564648
                    dropblock2d --p 0.1 --block-size 2 --start 18446744073709551615 < image.npy | start is 18446744073709551615, with 144 units allowed are 0 to 256204778801521548
                    gaussiandropout --p 0.1 --start 18446744073709551615 | start is 18446744073709551615, with 120 units allowed are 0 to 614891469123651716
                    dropout --p 0.1 --noise-shape 4,x     | Invalid value for option '--noise-shape' (N): x, allowed are -2^63 to 2^63 - 1
                    dropout --p 0.1 --noise-shape 4,0,5   | noiseShape[1] is 0, allowed are 1, the input's extent, and -1 for that extent
                    dropout --p 0.1 --noise-shape 3,1,5   | noiseShape is [3, 1, 5], which cannot be broadcast to x's shape [4, 6, 5]
                    dropout --p 0.1 --noise-shape 4,1     | noiseShape is [4, 1], which cannot be broadcast to x's shape [4, 6, 5]
                    dropout --p 0.1 --noise-shape 4,6,5,1 | noiseShape is [4, 6, 5, 1], which cannot be broadcast to x's shape [4, 6, 5]
                    """)
    void valuesOutOfRange(String options, String error) throws IOException {
        assertRefuses(options, error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    dropout2d --p 0.1 < five.npy          | x has rank 1 (shape [5]), allowed are 3 and 4, 2 spatial dimensions and one of channels, after one of samples or without
                    featurealphadropout --p 0.1 < five.npy | x has rank 1 (shape [5]), allowed are 2 and more, (N, C, …)
                    featurealphadropout --p 0.1 --channels-last < five.npy | x has rank 1 (shape [5]), allowed are 2 and more, (N, C, …)
                    droppath --p 0.1 < scalar.npy         | x has rank 0, allowed are 1 and more: the first dimension is the batch
                    dropblock2d --p 0.1 --block-size 1    | x has rank 3, allowed is 4: (N, C, H, W)
                    dropblock3d --p 0.1 --block-size 1    | x has rank 3, allowed is 5: (N, C, D, H, W)
                    tokendrop --p 0.1 < image.npy         | IN.npy has rank 4, allowed with tokendrop is 3: (N, T, C)
                    dropoutadd --p 0.1 --residual D/float64.npy | --residual D/float64.npy is float64 [4, 6, 5], allowed for IN.npy of float32 [4, 6, 5] is float32 [4, 6, 5]
                    droppathadd --p 0.1 --residual D/other.npy | --residual D/other.npy is float32 [4, 5, 6], allowed for IN.npy of float32 [4, 6, 5] is float32 [4, 6, 5]
                    droppathadd --p 0.1 --residual D/in.npy --gamma D/six.npy | --gamma D/six.npy is float32 [6], allowed for IN.npy of float32 [4, 6, 5] is float32 [5]
                    droppathadd --p 0.1 --backward --gamma D/wide5.npy | --gamma D/wide5.npy is float64 [5], allowed for IN.npy of float32 [4, 6, 5] is float32 [5]
                    dropoutadd --p 0.1 --residual D/in.npy --bias D/other.npy | --bias D/other.npy is float32 [4, 5, 6], allowed for IN.npy of float32 [4, 6, 5] is float32 [5]
                    dropoutadd --p 0.1 --residual D/scalar.npy --bias D/five.npy < scalar.npy | IN.npy has rank 0, with --bias allowed are 1 and more
                    """)
    void ranksAndShapes(String options, String error) throws IOException {
        assertRefuses(options, error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    dropout --p 0.1 --whole-shape 9,9,9   | --whole-shape is for --shard-from
                    dropout --p 0.1 --shard-from 0,0,0    | --shard-from is for --whole-shape
                    dropout --p 0.1 --whole-shape 9,9,9 --shard-from 0,0,0 --start 0 | --start and --whole-shape exclude each other
                    dropout --p 0.1 --whole-shape 9,9,9 --shard-from 0,0 | from has 2 indices, allowed is wholeShape's rank 3
                    dropout --p 0.1 --whole-shape 9,9,9 --shard-from 0,0,10 | from[2] is 10, allowed are 0 to 9
                    dropout --p 0.1 --whole-shape 9,9,9 --shard-from 0,0,-1 | from[2] is -1, allowed are 0 to 9
                    dropout --p 0.1 --whole-shape 9,-9,9 --shard-from 0,0,0 | wholeShape[1] is -9, allowed are 0 to 2^63 - 1
                    dropout --p 0.1 --whole-shape 9,9 --shard-from 0,0 | IN.npy has shape [4, 6, 5], which from [0, 0] on is not within --whole-shape [9, 9]
                    dropout --p 0.1 --whole-shape 9,9,9 --shard-from 0,4,0 | IN.npy has shape [4, 6, 5], which from [0, 4, 0] on is not within --whole-shape [9, 9, 9]
                    dropout --p 0.1 --stream pytorch-rand --whole-shape 9,9,9 --shard-from 0,0,0 | --whole-shape is not used with --stream
                    dropblock2d --p 0.1 --block-size 2 --whole-shape 2,3,7,9 --shard-from 0,0,0,0 < image.npy | x has shape [2, 3, 7, 5], allowed in a shard of [2, 3, 7, 9] are whole images, as blocks reach across
                    """)
    void boxes(String options, String error) throws IOException {
        assertRefuses(options, error);
    }

    /** Each layer takes its own options, and names every other one that it is given. */
    @ParameterizedTest
    @MethodSource("layers")
    void refusesTheOptionsOfOtherLayers(LayerType layer) throws IOException {
        Set<String> own = LayerArguments.options(layer);
        for (String option : LayerArguments.allOptions()) {
            if (!own.contains(option)) {
                String value =
                        switch (option) {
                            case "--channels-last", "--shared-by-channels" -> "";
                            case "--scaling", "--factor" -> " none";
                            case "--mode" -> " row";
                            case "--centres" -> " valid";
                            case "--stream" -> " pytorch-rand";
                            default -> " 1";
                        };
                assertRefuses(
                        layer + " " + option + value,
                        option + " is not for " + layer + ", which takes "
                                + String.join(", ", own));
            }
        }
    }

    /** The help of an option ends with the layers that take it, and so cannot be behind. */
    @Test
    void helpNamesTheLayersOfEachOption() {
        CommandSpec spec = new CommandLine(new ApplyCommand()).getCommandSpec();
        for (String option : LayerArguments.allOptions()) {
            String[] description = spec.findOption(option).description();
            String layers = description[description.length - 1];
            if (option.equals("--p")) {
                assertEquals("All but gaussiannoise.", layers);
            } else if (!option.equals("--calls")) {
                for (LayerType layer : Catalogue.layers()) {
                    assertEquals(
                            LayerArguments.options(layer).contains(option),
                            layers.matches(".*\\b" + layer + "\\b.*"),
                            option + " and " + layer + ": " + layers);
                }
            }
        }
    }

    @Test
    void bfloat16IsReadWhereItIsAskedFor() throws IOException {
        Path bits = directory.resolve("bits.npy");
        write(bits, DType.BFLOAT16, 4);
        String dropout = "apply --seed 1 --layer dropout --p 0.1 ";
        assertEquals(
                new Cli(
                        1,
                        "",
                        "dropfuse apply: " + bits + ": dtype is '=u2' (bits of bfloat16? then"
                                + " NpyFile.openBfloat16, or --bfloat16); readable are float16,"
                                + " float32, float64 (f2, f4, f8), uint8 (u1) and ml_dtypes'"
                                + " bfloat16 (<V2)\n"),
                Cli.line(dropout + bits + " " + out));
        assertEquals(
                new Cli(
                        1,
                        "",
                        "dropfuse apply: " + in
                                + ": dtype is '=f4'; readable as bfloat16 are uint16 (u2) and"
                                + " ml_dtypes' bfloat16 (V2)\n"),
                Cli.line(dropout + "--bfloat16 " + in + " " + out));
    }

    @Test
    void filesThatAreMissing() throws IOException {
        Path missing = directory.resolve("missing.npy");
        Cli cli =
                Cli.line(
                        "apply --seed 1 --layer droppathadd --p 0.1 --residual " + missing + " " + in
                                + " " + out);
        assertEquals(new Cli(1, "", "dropfuse apply: " + missing + ": no such file\n"), cli);
    }
}
