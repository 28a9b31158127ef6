package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Effect.Form;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Place;
import io.github.dropfuse.kernel.Range;
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
    DROP("apply", Form.DROP),
    BRANCH("apply", Form.BRANCH),
    BIASED_BRANCH("apply", Form.BIASED_BRANCH),
    SCALED_BRANCH("apply", Form.SCALED_BRANCH),
    ZONEOUT("apply", Form.ZONEOUT),
    BLEND("apply", Form.BLEND),
    PRODUCT("apply", Form.PRODUCT),
    ADDED_NOISE("apply", Form.ADDED_NOISE),
    MULTIPLIED_NOISE("apply", Form.MULTIPLIED_NOISE),
    SUM_ROWS("sumRows"),
    SUM_TREE("sumTree"),
    MERSENNE_MASK("mersenneMask"),
    ROWS("rows"),
    BLOCKS("blocks"),

    /** The last bit is wrong in masks of a million units. */
    LONG_MASK("mask") {
        @Override
        void after(Object[] args) {
            if (((Mask) args[3]).units() > 4_000_000) {
                super.after(args);
            }
        }
    },

    /** Dropout changes its input. */
    INPUT_CHANGED("apply", Form.DROP) {
        @Override
        void after(Object[] args) {
            MemorySegment x = ((Tensor) args[3]).segment();
            if (!x.asOverlappingSlice(((Tensor) args[6]).segment()).isPresent()) {
                flip((Tensor) args[3], (Range) args[7]);
            }
        }
    },

    /** The byte behind Dropout's output is written. */
    OUTSIDE("apply", Form.DROP) {
        @Override
        void after(Object[] args) {
            MemorySegment y = ((Tensor) args[6]).segment();
            if (y.isNative()) {
                MemorySegment.ofAddress(y.address() + y.byteSize())
                        .reinterpret(1)
                        .set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
            }
        }
    },

    /** Dropout is refused, as the host's access to a device's memory is. */
    REFUSED("apply", Form.DROP) {
        @Override
        void before(Object[] args) {
            throw new UnsupportedOperationException("not on this memory");
        }
    },

    /** The last product is wrong where cycles of units repeat. */
    PRODUCT_REPEATED("apply", Form.PRODUCT) {
        @Override
        void after(Object[] args) {
            if (((Layout) args[2]).repeat() > 1) {
                super.after(args);
            }
        }
    },

    /** Units of shards are counted from 0. */
    START_IGNORED("apply", Form.DROP) {
        @Override
        void before(Object[] args) {
            Layout layout = (Layout) args[2];
            if (args[1] instanceof PhiloxState) {
                args[2] =
                        new Layout(
                                layout.run(), layout.cycle(), layout.repeat(), layout.step(), 0);
            }
        }

        @Override
        void after(Object[] args) {}
    };

    private static final Kernels REFERENCE = BackendRegistry.get().available().getLast();

    private final String primitive;
    private final Form form;

    FaultyBackend(String primitive) {
        this(primitive, null);
    }

    FaultyBackend(String primitive, Form form) {
        this.primitive = primitive;
        this.form = form;
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
        Place place = new Renamed(name);
        InvocationHandler handler =
                (proxy, method, args) -> {
                    if (method.getName().equals("place")) {
                        return place;
                    }
                    boolean faulty = isFaulty(method.getName(), args);
                    if (faulty) {
                        before(args);
                    }
                    Object result;
                    try {
                        result = method.invoke(REFERENCE, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (faulty) {
                        after(args);
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

    /** The reference's place under another name. */
    private record Renamed(String backend) implements Place {
        @Override
        public String tier() {
            return "java";
        }
    }

    private boolean isFaulty(String method, Object[] args) {
        return method.equals(primitive) && (form == null || ((Effect) args[0]).form() == form);
    }

    void before(Object[] args) {}

    void after(Object[] args) {
        switch (primitive) {
            case "mask" -> flipLastBit((Mask) args[3], (Range) args[4]);
            case "mersenneMask" -> flipLastBit((Mask) args[5], Range.ALL);
            case "sumRows" -> {
                Tensor sums = (Tensor) args[5];
                long first = ((Range) args[6]).first() / (Kernels.SUM_ROWS * sums.extent(1));
                flip(sums, new Range(first * sums.extent(1), 1));
            }
            case "rows" -> {
                Tensor y = (Tensor) args[4];
                Range rows = (Range) args[5];
                long last = rows.first() + rows.count(dense(args).extent(0)) - 1;
                long row =
                        args[0] == RowMove.GATHER
                                ? last
                                : ((MemorySegment) args[2])
                                        .getAtIndex(ValueLayout.JAVA_LONG, last);
                flip(y, new Range(row * y.extent(1), y.extent(1)));
            }
            case "blocks" -> flipLastBit((Mask) args[2], Range.ALL);
            case "sumTree" -> flip((Tensor) args[1], Range.ALL);
            default -> flip((Tensor) args[6], (Range) args[7]);
        }
    }

    private static Tensor dense(Object[] args) {
        return (Tensor) (args[0] == RowMove.GATHER ? args[4] : args[3]);
    }

    private static void flipLastBit(Mask mask, Range range) {
        long count = range.count(mask.units());
        if (count > 0) {
            long last = range.first() + count - 1;
            mask.set(last, !mask.keeps(last));
        }
    }

    /** The lowest bit of the first byte of a range's last element. */
    static void flip(Tensor tensor, Range range) {
        long last = range.first() + range.count(tensor.size()) - 1;
        long at = last * tensor.dtype().byteSize();
        if (range.count(tensor.size()) > 0) {
            byte value = tensor.segment().get(ValueLayout.JAVA_BYTE, at);
            tensor.segment().set(ValueLayout.JAVA_BYTE, at, (byte) (value ^ 1));
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
