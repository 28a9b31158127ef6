package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** DJL and the blocks with loaders of their own, as in application servers and notebooks. */
class ClassLoaderTest {
    /** Defines this package's classes itself, and asks its parent for all others. */
    private static final class Own extends ClassLoader {
        Own() {
            super(ClassLoaderTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.github.dropfuse.djl.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void findsLibtorchOfAnotherLoader() throws Exception {
        PhiloxState state = new PhiloxState(1, 1);
        Tensor x = Arrays.plain(DType.FLOAT32, 1, 7, 30, 11);
        Tensor y = Arrays.zeros(DType.FLOAT32, 7, 30, 11);
        Samples.DROPOUT.layer().forward(x, y, state);
        Class<?> type = new Own().loadClass(DropoutBlock.class.getName());
        assertNotSame(DropoutBlock.class, type);
        Object builder = type.getMethod("builder").invoke(null);
        builder.getClass().getMethod("optRate", double.class).invoke(builder, 0.4);
        builder.getClass()
                .getMethod("optGenerator", Generator.class)
                .invoke(builder, Generator.from(state));
        Block block = (Block) builder.getClass().getMethod("build").invoke(builder);
        try (NDManager manager = Arrays.manager()) {
            NDArray array = Arrays.array(manager, x);
            NDArray out =
                    block.forward(new ParameterStore(manager, false), new NDList(array), true)
                            .singletonOrThrow();
            Arrays.assertBits(y, Arrays.plain(out), "y");
            assertNotEquals(array, out);
        }
    }
}
