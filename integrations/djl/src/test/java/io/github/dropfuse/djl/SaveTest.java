package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Parameters carry the generator's place, and refuse to be those of something else. */
class SaveTest {
    private static final PhiloxState SAVED = new PhiloxState(-5, 1234);
    private static final PhiloxState OTHER = new PhiloxState(9, 9);
    private static final Shape INPUT = new Shape(4, 3);

    private static byte[] save(Block block) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        block.saveParameters(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static void load(Block block, byte[] bytes)
            throws IOException, MalformedModelException {
        try (NDManager manager = Arrays.manager()) {
            block.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
        }
    }

    private static RandomBlock initialized(Samples sample, Generator generator) {
        RandomBlock block = sample.block(generator);
        try (NDManager manager = Arrays.manager()) {
            block.initialize(manager, DataType.FLOAT32, new Shape(sample.shape()));
        }
        return block;
    }

    @ParameterizedTest
    @EnumSource(Samples.class)
    void theGeneratorsPlaceComesBack(Samples sample) throws Exception {
        byte[] saved = save(initialized(sample, Generator.from(SAVED)));
        Generator generator = Generator.from(OTHER);
        RandomBlock block = sample.block(generator);
        load(block, saved);
        assertEquals(SAVED, generator.state());
        assertSame(generator, block.generator());
        assertEquals(new Shape(sample.shape()), block.getInputShapes()[0]);
    }

    @Test
    void blocksShareAGenerator() throws Exception {
        Generator first = Generator.from(SAVED);
        Generator second = Generator.from(OTHER);
        byte[] saved;
        try (NDManager manager = Arrays.manager()) {
            Block net = net(first);
            net.initialize(manager, DataType.FLOAT32, INPUT);
            saved = save(net);
            Block resumed = net(second);
            load(resumed, saved);
            assertEquals(SAVED, second.state());
            assertEquals(SAVED, second.next());
            assertEquals(new PhiloxState(-5, 1235), second.next());
        }
    }

    private static SequentialBlock net(Generator generator) {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(3).build())
                .add(DropoutBlock.builder().optGenerator(generator).build())
                .add(
                        DropPathAdd.builder()
                                .setBranch(Linear.builder().setUnits(3).build())
                                .optGenerator(generator)
                                .build());
    }

    @Test
    void parametersOfAnotherBlock() throws Exception {
        refuses(
                "parameters are those of DropPathBlock, allowed are those of DropoutBlock",
                save(initialized(Samples.DROP_PATH, Generator.from(SAVED))));
    }

    @Test
    void anotherVersion() throws Exception {
        byte[] bytes = save(initialized(Samples.DROPOUT, Generator.from(SAVED)));
        bytes[0] = 2;
        refuses("version is 2, for DropoutBlock allowed is 1", bytes);
    }

    @Test
    void stateThatIsNone() throws Exception {
        byte[] bytes = save(initialized(Samples.DROPOUT, Generator.from(SAVED)));
        int colon = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(':');
        bytes[colon] = ';';
        refuses(
                "state is 'philox;-5:1234', allowed is philox:SEED:OFFSET with 64-bit numbers, the"
                        + " offset at least 0",
                bytes);
    }

    private static void refuses(String message, byte[] bytes) {
        Generator generator = Generator.from(OTHER);
        RandomBlock block = Samples.DROPOUT.block(generator);
        Exception e = assertThrows(MalformedModelException.class, () -> load(block, bytes));
        assertEquals(message, e.getMessage());
        assertEquals(OTHER, generator.state());
    }

    @Test
    void cutShort() throws Exception {
        byte[] bytes = save(initialized(Samples.DROPOUT, Generator.from(SAVED)));
        for (int length = 0; length < bytes.length; length++) {
            Generator generator = Generator.from(OTHER);
            RandomBlock block = Samples.DROPOUT.block(generator);
            byte[] part = java.util.Arrays.copyOf(bytes, length);
            assertThrows(EOFException.class, () -> load(block, part));
            assertEquals(OTHER, generator.state());
        }
    }
}
