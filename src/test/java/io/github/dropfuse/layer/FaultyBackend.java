package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.RowMove;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;

/** The reference with a fault, to see whether it is found. */
public enum FaultyBackend {
    /** The lowest bit of the last element of each primitive's output is wrong. */
    MASK("mask"),
    DROP("drop"),
    AFFINE("affine"),
    RESIDUAL("residual"),
    SUM_ROWS("sumRows"),
    SUM_TREE("sumTree"),
    MERSENNE_MASK("mersenneMask"),
    PRODUCT("product"),
    NORMAL("normal"),
    ROWS("rows"),
    BLOCKS("blocks"),
    COPY("copy"),

    /** Dropout changes its input. */
    INPUT_CHANGED("drop") {
        @Override
        void after(String method, Object[] args) {
            MemorySegment x = (MemorySegment) args[1];
            if (!x.asOverlappingSlice((MemorySegment) args[2]).isPresent()) {
                flip(x, lastElement(args, 3));
            }
        }
    },

    /** The byte behind Dropout's output is written. */
    OUTSIDE("drop") {
        @Override
        void after(String method, Object[] args) {
            MemorySegment y = (MemorySegment) args[2];
            if (y.isNative()) {
                MemorySegment.ofAddress(y.address() + y.byteSize())
                        .reinterpret(1)
                        .set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
            }
        }
    },

    /** Dropout is refused, as the host's access to a device's memory is. */
    REFUSED("drop") {
        @Override
        void before(Object[] args) {
            throw new UnsupportedOperationException("not on this memory");
        }
    },

    /** The last product is wrong where cycles of units repeat. */
    PRODUCT_REPEATED("product") {
        @Override
        void after(String method, Object[] args) {
            if ((long) args[7] > 1) {
                super.after(method, args);
            }
        }
    },

    /** Units of shards are counted from 0. */
    START_IGNORED("drop") {
        @Override
        void before(Object[] args) {
            if (args[8].equals(MemorySegment.NULL)) {
                args[12] = 0L;
            }
        }

        @Override
        void after(String method, Object[] args) {}
    };

    private static final Kernels REFERENCE = BackendRegistry.get().available().getLast();

    private final String primitive;

    FaultyBackend(String primitive) {
        this.primitive = primitive;
    }

    /** The name of the primitive that has the fault. */
    public String primitive() {
        return primitive;
    }

    /** The backend. */
    public Backend backend() {
        return backend("faulty");
    }

    /** The backend under another one's name; its tier is java. */
    public Backend backend(String name) {
        InvocationHandler handler =
                (proxy, method, args) -> {
                    if (method.getName().equals("backend")) {
                        return name;
                    }
                    boolean faulty = method.getName().equals(primitive);
                    if (faulty) {
                        before(args);
                    }
                    Object result = compute(proxy, method, args);
                    if (faulty) {
                        after(primitive, args);
                    }
                    return result;
                };
        return new Backend(
                (Kernels)
                        Proxy.newProxyInstance(
                                Kernels.class.getClassLoader(),
                                new Class<?>[] {Kernels.class},
                                handler));
    }

    /** What the reference does; what it takes from other primitives, from those of the proxy. */
    private static Object compute(Object proxy, Method method, Object[] args) throws Throwable {
        Method own = REFERENCE.getClass().getMethod(method.getName(), method.getParameterTypes());
        try {
            return own.isDefault()
                    ? InvocationHandler.invokeDefault(proxy, method, args)
                    : method.invoke(REFERENCE, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    void before(Object[] args) {}

    void after(String method, Object[] args) {
        switch (method) {
            case "mask" -> flipBit(args[5], (long) args[6], (long) args[4]);
            case "mersenneMask" -> flipBit(args[6], 0, (long) args[5]);
            case "copy" -> flip((MemorySegment) args[1], (long) args[2] - 1);
            case "residual" -> flip((MemorySegment) args[6], lastElement(args, 7));
            case "sumRows" -> {
                long blockElements = Kernels.SUM_ROWS * (long) args[6];
                long width = args[0] == DType.FLOAT64 ? Double.BYTES : Float.BYTES;
                flip((MemorySegment) args[3], (long) args[4] / blockElements * (long) args[6] * width);
            }
            case "rows" -> {
                long last = (long) args[5] + (long) args[6] - 1;
                long row = args[1] == RowMove.GATHER ? last : ((long[]) args[4])[(int) last];
                long end = (row + 1) * (long) args[7] - 1;
                flip((MemorySegment) args[3], end * ((DType) args[0]).byteSize());
            }
            case "blocks" -> flip((MemorySegment) args[1], 0);
            case "sumTree" ->
                    flip(
                            (MemorySegment) args[4],
                            ((long) args[3] - 1) * ((DType) args[0]).byteSize());
            default -> flip((MemorySegment) args[2], lastElement(args, 3));
        }
    }

    /** Where the last of some elements is; the first one's index and their number are arguments. */
    static long lastElement(Object[] args, int first) {
        return ((long) args[first] + (long) args[first + 1] - 1) * ((DType) args[0]).byteSize();
    }

    private static void flipBit(Object mask, long byteOffset, long count) {
        if (count > 0) {
            flip((MemorySegment) mask, byteOffset + (count - 1) / 8);
        }
    }

    static void flip(MemorySegment segment, long at) {
        if (at >= 0 && at < segment.byteSize()) {
            byte value = segment.get(ValueLayout.JAVA_BYTE, at);
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) (value ^ 1));
        }
    }

    /** Primitives of {@link Kernels} that write something. */
    public static String[] writers() {
        return Arrays.stream(Kernels.class.getMethods())
                .filter(method -> method.getReturnType() == void.class)
                .map(method -> method.getName())
                .toArray(String[]::new);
    }
}
