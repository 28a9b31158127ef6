package io.github.dropfuse.djl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The fast route for DJL's PyTorch engine on the CPU: one pass forward, one pass backward, and 32
 * or 40 bytes kept in between, where the route by multiplication keeps an array as large as the
 * input.
 *
 * <p>{@link #install} is called once, at any time; every block of the process takes this route from
 * then on. Outputs and gradients are those of the layers on plain arrays, bit for bit.
 *
 * <p><b>What it changes in the process.</b> libtorch has an operator {@code aten::_fused_dropout},
 * with a derivative that calls {@code aten::_masked_scale}, which it implements for GPUs only. Here
 * both get an implementation for the CPU, by way of libtorch's stable C interface, and its own
 * automatic differentiation does the rest. Nothing that worked before works differently: DJL's own
 * dropout, and models that are loaded, use other operators. Who calls one of these two on a CPU by
 * name, which used to be an error, now gets an undefined tensor, and an error when it is used. It
 * cannot be undone before the process ends. A second derivative is refused, or NaN throughout: no
 * part of DJL asks for one.
 */
public final class TorchOperator {
    private static final System.Logger LOGGER = System.getLogger(TorchOperator.class.getName());

    private static final MemorySegment NAME = Arena.global().allocateFrom("aten::_fused_dropout");
    private static final MemorySegment DEFAULT = Arena.global().allocateFrom("");

    /** Both operators have three arguments, and fewer results. */
    private static final long STACK = 3;

    private static final int COMPLEX64 = 9;

    /** A NaN; the bits below it are a layer's number. What is computed with it cannot go unseen. */
    private static final long MARK = 0x7FF8_0000_0000_0000L;

    private static final long NUMBER = 0xFFFF_FFFFL;

    /** The layers that graphs may ask for; there are as many as there are different settings. */
    private static final List<Layer> LAYERS = new CopyOnWriteArrayList<>();

    private static final Map<Settings, Integer> NUMBERS = new ConcurrentHashMap<>();

    private static final ThreadLocal<Call> CALL = new ThreadLocal<>();

    private static boolean registered;

    private static volatile boolean active;

    /** No gradient fits it, whatever its shape, so that libtorch throws. Never deleted. */
    private static long misfit;

    private record Settings(String layer, Execution execution) {}

    /** One call, on its way through libtorch to {@link #forward} and back. */
    private static final class Call {
        final Layer layer;
        final int number;
        final PhiloxState state;
        boolean reached;
        Throwable failure;

        Call(Layer layer, int number, PhiloxState state) {
            this.layer = layer;
            this.number = number;
            this.state = state;
        }
    }

    private TorchOperator() {}

    /**
     * Lets every block take this route for arrays of the CPU. Further calls do nothing.
     *
     * @throws ai.djl.engine.EngineException if DJL's PyTorch engine cannot be loaded
     * @throws UnsupportedOperationException if libtorch lacks a function, with its name
     */
    public static synchronized void install() {
        if (!registered) {
            Engine.getEngine("PyTorch");
            LibTorch.requireAll();
            misfit = LibTorch.empty(LibTorch.CPU, -1, COMPLEX64);
            MemorySegment library = LibTorch.library("TorchOperator.java");
            LibTorch.implement(library, "_fused_dropout", upcall("forward"));
            LibTorch.implement(library, "_masked_scale", upcall("backward"));
            registered = true;
        }
        active = true;
    }

    /**
     * Whether blocks take this route.
     *
     * @return true after {@link #install}
     */
    public static boolean isInstalled() {
        return active;
    }

    /** How many layers graphs may ask for. */
    static int layers() {
        return LAYERS.size();
    }

    /** Back to the route by multiplication, for tests of both in one process. */
    static void suspend() {
        active = false;
    }

    private static MemorySegment upcall(String method) {
        try {
            MethodType type =
                    MethodType.methodType(
                            void.class, MemorySegment.class, long.class, long.class);
            MemoryLayout stack = MemoryLayout.sequenceLayout(STACK, JAVA_LONG);
            return Linker.nativeLinker()
                    .upcallStub(
                            MethodHandles.lookup().findStatic(TorchOperator.class, method, type),
                            FunctionDescriptor.ofVoid(
                                    ADDRESS.withTargetLayout(stack), JAVA_LONG, JAVA_LONG),
                            Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static NDArray apply(Recipe recipe, TorchArray x, PhiloxState state) {
        TorchArray dense = x.dense();
        Call call = new Call(recipe.layer(), recipe.number(), state);
        CALL.set(call);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stack = arena.allocate(JAVA_LONG, STACK);
            stack.setAtIndex(JAVA_LONG, 0, LibTorch.newHandle(dense.array().getHandle()));
            stack.setAtIndex(JAVA_DOUBLE, 1, 0.5); // is not used, but divided by
            LibTorch.call(NAME, DEFAULT, stack);
            long y = stack.getAtIndex(JAVA_LONG, 0);
            LibTorch.delete(stack.getAtIndex(JAVA_LONG, 1)); // the graph has its own handle
            if (call.failure != null || !call.reached) {
                LibTorch.delete(y);
                throw failure(call);
            }
            return x.array(y);
        } finally {
            CALL.remove();
            dense.closeUnless(x);
        }
    }

    /** The number of a recipe's layer, the same for the same settings. */
    static int number(Recipe recipe) {
        return NUMBERS.computeIfAbsent(
                new Settings(recipe.name(), recipe.execution()), s -> add(recipe.layer()));
    }

    private static synchronized int add(Layer layer) {
        LAYERS.add(layer);
        return LAYERS.size() - 1;
    }

    private static RuntimeException failure(Call call) {
        return switch (call.failure) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            case null ->
                    new IllegalStateException(
                            "aten::_fused_dropout was implemented by somebody else after"
                                    + " TorchOperator.install()");
            default -> new IllegalStateException(call.failure);
        };
    }

    /** {@code _fused_dropout(Tensor self, float p, Generator? generator) -> (Tensor, Tensor)}. */
    private static void forward(MemorySegment stack, long arguments, long results) {
        Call call = null;
        try {
            call = CALL.get();
            long x = stack.getAtIndex(JAVA_LONG, 0);
            if (call == null || !compute(call, x, stack)) {
                stack.setAtIndex(JAVA_LONG, 0, LibTorch.newUndefined());
                stack.setAtIndex(JAVA_LONG, 1, LibTorch.newUndefined());
            }
            LibTorch.delete(x);
        } catch (Throwable e) { // an exception that left an upcall would end the process
            failed(call, e);
        }
    }

    /** Leaves the results on the stack, or the failure in the call. */
    private static boolean compute(Call call, long x, MemorySegment stack) {
        long y = 0;
        try {
            call.reached = true;
            y = like(x);
            call.layer.forward(view(x), view(y), call.state);
            stack.setAtIndex(JAVA_LONG, 1, keep(x, call));
            stack.setAtIndex(JAVA_LONG, 0, y);
            return true;
        } catch (Throwable e) {
            call.failure = e;
            discard(y);
            return false;
        }
    }

    private static void failed(Call call, Throwable e) {
        if (call != null && call.failure == null) {
            call.failure = e;
        } else {
            LOGGER.log(System.Logger.Level.ERROR, "libtorch's own functions failed", e);
        }
    }

    /** {@code _masked_scale(Tensor self, Tensor mask, float scale) -> Tensor}. */
    private static void backward(MemorySegment stack, long arguments, long results) {
        try {
            long dy = stack.getAtIndex(JAVA_LONG, 0);
            long kept = stack.getAtIndex(JAVA_LONG, 1);
            stack.setAtIndex(JAVA_LONG, 0, gradientOrMisfit(dy, kept));
            LibTorch.delete(dy);
            LibTorch.delete(kept);
        } catch (Throwable e) { // likewise
            failed(null, e);
        }
    }

    private static long gradientOrMisfit(long dy, long kept) {
        try {
            return gradient(dy, kept);
        } catch (Throwable e) {
            LOGGER.log(System.Logger.Level.ERROR, "the gradient of a block failed", e);
            return LibTorch.newHandle(misfit);
        }
    }

    private static long gradient(long dy, long kept) {
        MemorySegment memory = kept(kept);
        int number = (int) (memory.getAtIndex(JAVA_LONG, 0) & NUMBER);
        PhiloxState state =
                new PhiloxState(
                        memory.getAtIndex(JAVA_LONG, 1), memory.getAtIndex(JAVA_LONG, 2));
        long[] sizes = LibTorch.sizes(dy);
        boolean contiguous = LibTorch.isContiguous(sizes, LibTorch.strides(dy));
        long dense = contiguous ? dy : LibTorch.contiguous(dy);
        long dx = 0;
        try {
            dx = like(dense);
            LAYERS.get(number).backward(view(dense), view(dx), state);
            return dx;
        } catch (RuntimeException | Error e) {
            discard(dx);
            throw e;
        } finally {
            if (dense != dy) {
                LibTorch.delete(dense);
            }
        }
    }

    /**
     * What the graph keeps in place of a mask: the layer's number, seed and offset. It cannot be
     * broadcast with x, or else spreads its NaN, where libtorch computes with it by itself.
     */
    private static long keep(long x, Call call) {
        long[] sizes = LibTorch.sizes(x);
        long last = sizes.length == 0 ? 1 : sizes[sizes.length - 1];
        long kept = LibTorch.empty(LibTorch.CPU, -1, LibTorch.FLOAT64, last == 4 ? 5 : 4);
        MemorySegment memory = view(kept).segment();
        memory.fill((byte) 0);
        memory.setAtIndex(JAVA_LONG, 0, MARK | call.number);
        memory.setAtIndex(JAVA_LONG, 1, call.state.seed());
        memory.setAtIndex(JAVA_LONG, 2, call.state.offset());
        return kept;
    }

    private static MemorySegment kept(long tensor) {
        long[] sizes = LibTorch.sizes(tensor);
        if (LibTorch.dtype(tensor) == LibTorch.FLOAT64
                && (Arrays.equals(sizes, new long[] {4}) || Arrays.equals(sizes, new long[] {5}))) {
            MemorySegment memory = view(tensor).segment();
            if ((memory.getAtIndex(JAVA_LONG, 0) & ~NUMBER) == MARK) {
                return memory;
            }
        }
        throw new IllegalArgumentException(
                "aten::_masked_scale was called with another mask than a block's own");
    }

    private static long like(long tensor) {
        return LibTorch.empty(
                LibTorch.CPU, -1, LibTorch.dtype(tensor), LibTorch.sizes(tensor));
    }

    private static Tensor view(long tensor) {
        DType dtype = TorchArray.dtype(LibTorch.dtype(tensor));
        return Tensor.ofAddress(LibTorch.data(tensor), dtype, LibTorch.sizes(tensor));
    }

    private static void discard(long tensor) {
        if (tensor != 0) {
            LibTorch.delete(tensor);
        }
    }
}
