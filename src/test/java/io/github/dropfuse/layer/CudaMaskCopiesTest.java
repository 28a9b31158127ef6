package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.cuda.CudaStream;
import io.github.dropfuse.cuda.CudaTest;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.NativeKernels;
import io.github.dropfuse.kernel.Place;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Masks that the host makes or reads during a call are copied by the call's place, whose stream need
 * not be in order with the default one.
 */
@CudaTest
class CudaMaskCopiesTest {
    private static final PhiloxState STATE = new PhiloxState(5, 6);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    private final CudaDevice device = Cuda.device(0);
    private final List<String> copies = new ArrayList<>();

    private Execution recorded(CudaStream stream) {
        Kernels kernels = NativeKernels.onStream(device.index(), stream.handle());
        Place place = proxy(Place.class, kernels.place(), null);
        return Execution.automatic().on(new Backend(proxy(Kernels.class, kernels, place)));
    }

    private <T> T proxy(Class<T> type, T real, Place place) {
        InvocationHandler handler =
                (self, method, args) -> {
                    if (method.getName().equals("place")) {
                        return place;
                    }
                    if (method.getName().equals("copy") && args[0] instanceof Mask from) {
                        copies.add(from.location() + " to " + ((Mask) args[1]).location());
                    }
                    try {
                        return method.invoke(real, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private void copied(String... expected) {
        assertEquals(List.of(expected), copies);
        copies.clear();
    }

    @Test
    void copiesAreThePlaces() {
        String down = device.location() + " to host memory";
        String up = "host memory to " + device.location();
        try (Arena arena = Arena.ofConfined(); CudaStream stream = device.createStream()) {
            Execution here = recorded(stream);
            Tensor host = Tensor.allocate(arena, DType.FLOAT32, 4, 6, 8, 8);
            host.segment().fill((byte) 63);
            Tensor x = device.allocate(arena, DType.FLOAT32, 4, 6, 8, 8);
            x.copyFrom(host);
            Tensor y = device.allocate(arena, DType.FLOAT32, 4, 6, 8, 8);

            DropBlock blocks = new DropBlock(2, 0.3, 3).with(DropBlock.Factor.REALISED);
            blocks.with(here).forward(x, y, STATE);
            copied(down);
            Tensor wanted = Tensor.allocate(arena, DType.FLOAT32, 4, 6, 8, 8);
            blocks.with(REFERENCE).forward(host, wanted, STATE);
            same(wanted, y);

            Shard box = Shard.of(new long[] {8, 9, 8, 16}, 2, 1, 0, 3);
            Mask mask = new Dropout(0.4).with(here).mask(arena, x, STATE, box);
            copied(up);
            Mask near = Mask.allocate(arena, mask.units());
            near.copyFrom(mask);
            Mask expected = new Dropout(0.4).with(REFERENCE).mask(arena, host, STATE, box);
            assertEquals(-1, expected.segment().mismatch(near.segment()));

            Mask samples = device.allocateMask(arena, 4);
            samples.copyFrom(new DropPath(0.5).with(REFERENCE).mask(arena, host, STATE));
            DropPath path = new DropPath(0.5).with(here);
            assertArrayEquals(
                    KeptSamples.drawn(path.with(REFERENCE), 4, STATE).indices(),
                    KeptSamples.drawn(path, 4, samples).indices());
            copied(down);

            Tensor tokens = x.reshape(4, 12, 32);
            TokenDrop drop = new TokenDrop(0.5, 0);
            Mask kept = drop.with(here).mask(arena, tokens, STATE);
            copied(up);
            drop.with(here).forward(tokens, y.reshape(48, 32).slice(0, 24).reshape(4, 6, 32), kept);
            copied(down);
        }
    }

    private static void same(Tensor wanted, Tensor far) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor near = Tensor.allocate(arena, far.dtype(), far.shape());
            far.copyTo(near);
            assertEquals(-1, wanted.segment().mismatch(near.segment()));
        }
    }
}
