package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.cuda.CudaEvent;
import io.github.dropfuse.cuda.CudaStream;
import io.github.dropfuse.cuda.CudaTest;
import io.github.dropfuse.npy.NpyBytes;
import io.github.dropfuse.npy.NpyFile;
import io.github.dropfuse.npy.NpyType;
import io.github.dropfuse.testing.NativeBuild;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every public method, with null for each of its arguments in turn: a {@link NullPointerException}
 * says which one, in a word, and not what the virtual machine was about to do with it.
 */
class NullsTest {
    private static final long[] SHAPE = {2, 4, 8, 8};
    private final Map<Class<?>, List<Object>> values = new HashMap<>();

    @TempDir private Path directory;

    @BeforeEach
    void putAll() throws IOException {
        Tensor tensor = Tensor.of(new float[512], SHAPE);
        Generator generator = Generator.seeded(1);
        TorchGenerator torch = TorchGenerator.seeded(1);
        put(Tensor.class, tensor, Tensor.of(new float[512], 8, 8, 8));
        put(Mask.class, Mask.allocate(Arena.ofAuto(), 512));
        put(MaskSource.class, new PhiloxState(1, 2));
        put(PhiloxState.class, new PhiloxState(1, 2));
        put(Generator.class, generator);
        put(TorchGenerator.class, torch);
        put(TorchCall.class, torch.next(TorchStream.RAND));
        put(TorchState.class, torch.state());
        put(TorchStream.class, TorchStream.RAND);
        put(Arena.class, Arena.ofAuto());
        put(Execution.class, Execution.automatic());
        put(Shard.class, Shard.WHOLE);
        put(DType.class, DType.FLOAT32);
        put(Location.class, Location.HOST);
        put(Backend.class, Backends.reference());
        put(Units.class, Units.elements());
        put(Scaling.class, Scaling.IN_TRAINING);
        put(Channels.class, Channels.FIRST);
        put(DropPath.Mode.class, DropPath.Mode.ROW);
        put(DropBlock.Centres.class, DropBlock.Centres.EVERYWHERE);
        put(DropBlock.Factor.class, DropBlock.Factor.EXPECTED);
        put(DropPath.class, new DropPath(0.5));
        put(Options.class, Options.NONE);
        put(KeptSamples.class, KeptSamples.of(2, 1, 0, 1));
        put(LayerType.class, Catalogue.named("dropout"));
        put(Pass.class, Catalogue.named("dropout").pass(Pass.FORWARD));
        put(Schedule.class, Schedule.constant(0.5));
        put(String.class, "forward");
        put(Executor.class, (Executor) Runnable::run);
        put(UnaryOperator.class, UnaryOperator.identity());
        put(MemorySegment.class, MemorySegment.ofArray(new byte[2048]));
        put(ByteBuffer.class, ByteBuffer.allocate(2048).order(ByteOrder.nativeOrder()));
        put(long[].class, SHAPE);
        put(int[].class, new int[] {1, 2, 3, 4});
        put(float[].class, new float[512]);
        put(double[].class, new double[512]);
        put(short[].class, new short[512]);
        put(Path.class, directory.resolve("new.npy"));
        put(InputStream.class, InputStream.nullInputStream());
        put(NpyType.class, NpyType.FLOAT32);
        byte[] file = NpyBytes.file("<f4", "1,", new byte[4]);
        put(NpyFile.class, NpyFile.of(MemorySegment.ofArray(file), "a file"));
        put(int.class, 1, 2);
        put(long.class, 0L);
        put(double.class, 0.5);
        put(boolean.class, false);
        for (LayerType type : Catalogue.layers()) {
            for (Example example : type.examples()) {
                Layer layer = type.maker().make(example.options(), SHAPE);
                put(layer.getClass(), layer);
            }
        }
    }

    private void put(Class<?> type, Object... some) {
        values.put(type, List.of(some));
    }

    @ParameterizedTest
    @CsvSource({"'', 60", "layer, 60", "npy, 48"})
    void areNamed(String room, int least) throws Exception {
        assertNamed(room, least);
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Nested
    @CudaTest
    class OnADevice {
        @Test
        void areNamed() throws Exception {
            CudaDevice device = Cuda.device(0);
            try (CudaStream stream = device.createStream();
                    CudaEvent event = device.createEvent()) {
                put(CudaDevice.class, device);
                put(CudaStream.class, stream);
                put(CudaEvent.class, event);
                assertNamed("cuda", 34);
            }
        }
    }

    private void assertNamed(String room, int least) throws Exception {
        TreeSet<String> unnamed = new TreeSet<>();
        int named = 0;
        for (Class<?> type : classes(room)) {
            List<Executable> calls = new ArrayList<>(List.of(type.getConstructors()));
            calls.addAll(List.of(type.getMethods()));
            for (Executable call : calls) {
                if (call.getDeclaringClass().getName().startsWith("io.github.dropfuse")
                        && !List.of("equals", "valueOf").contains(call.getName())) {
                    named += check(type, call, unnamed);
                }
            }
        }
        assertEquals(List.of(), List.copyOf(unnamed));
        assertTrue(named >= least, "named: " + named);
    }

    /** Counts the arguments that were named. */
    private int check(Class<?> type, Executable call, TreeSet<String> unnamed) throws Exception {
        int named = 0;
        Class<?>[] types = call.getParameterTypes();
        for (int at = 0; at < types.length; at++) {
            for (Object[] arguments : types[at].isPrimitive() ? List.<Object[]>of() : all(types)) {
                arguments[at] = null;
                String message = message(type, call, arguments);
                if (message != null && !message.matches("[a-zA-Z0-9]+( and [a-zA-Z0-9]+)?")) {
                    unnamed.add(
                            type.getSimpleName() + "." + call.getName() + " argument " + at + ": "
                                    + message);
                }
                named += message == null ? 0 : 1;
            }
        }
        return named;
    }

    /** What the exception says; null if there is none or another. */
    private String message(Class<?> type, Executable call, Object[] arguments) throws Exception {
        try {
            switch (call) {
                case Constructor<?> constructor -> constructor.newInstance(arguments);
                case Method method when Modifier.isStatic(method.getModifiers()) ->
                        method.invoke(null, arguments);
                case Method method when values.containsKey(type) ->
                        method.invoke(values.get(type).getFirst(), arguments);
                default -> {}
            }
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof NullPointerException cause) {
                return String.valueOf(cause.getMessage());
            }
        } catch (IllegalArgumentException e) {
            // No value is known of the type of a primitive parameter.
        }
        return null;
    }

    /** The known values of some types: all first ones, then all second ones. */
    private List<Object[]> all(Class<?>[] types) {
        List<Object[]> all = new ArrayList<>();
        for (int choice = 0; choice < 2; choice++) {
            Object[] arguments = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                List<Object> known = values.getOrDefault(types[i], List.of());
                int at = Math.min(choice, known.size() - 1);
                arguments[i] = at < 0 ? null : known.get(at);
            }
            all.add(arguments);
        }
        return all;
    }

    private static List<Class<?>> classes(String room) throws IOException {
        Path folder = NativeBuild.target().resolve("classes/io/github/dropfuse").resolve(room);
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.contains("-info")) {
                    Class<?> type = named(room, name.substring(0, name.length() - 6));
                    if (Modifier.isPublic(type.getModifiers()) && !type.isRecord()) {
                        classes.add(type);
                    }
                }
            }
        }
        return classes;
    }

    private static Class<?> named(String room, String name) {
        try {
            String full = "io.github.dropfuse." + (room.isEmpty() ? "" : room + ".") + name;
            return Class.forName(full, false, NullsTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
