package io.github.dropfuse.testing;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.TreeMap;

/** Notes how much each C function does at most in a critical call. */
public final class CriticalCalls {
    /** Units that are drawn together, of which one alone costs as much as all. */
    private static final long TILE = 512;

    /** Where a function's arguments have the number of elements; the layout follows. */
    private static final Map<String, Integer> COUNTS =
            Map.of(
                    "Masks", 4, "Drop", 6, "Residual", 10, "Zoneout", 8, "Product", 6, "Normal", 6,
                    "SumRows", 8, "Rows", 7);

    private static final Map<String, Long> MOST = new TreeMap<>();

    private CriticalCalls() {}

    /** A handle of Downcalls, called by the class that is named after its function. */
    public static MethodHandle watch(MethodHandle handle) {
        String function =
                StackWalker.getInstance()
                        .walk(
                                frames ->
                                        frames.map(StackWalker.StackFrame::getClassName)
                                                .filter(name -> name.contains("Downcalls$"))
                                                .findFirst())
                        .orElseThrow()
                        .replaceAll(".*\\$", "");
        MethodType type = handle.type();
        try {
            MethodHandle note =
                    MethodHandles.lookup()
                            .findStatic(
                                    CriticalCalls.class,
                                    "note",
                                    MethodType.methodType(
                                            void.class, String.class, Object[].class))
                            .bindTo(function)
                            .asCollector(Object[].class, type.parameterCount())
                            .asType(type.changeReturnType(void.class));
            return MethodHandles.foldArguments(handle, note);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static void note(String function, Object[] arguments) {
        boolean critical = (boolean) arguments[0];
        boolean heap = false;
        for (Object argument : arguments) {
            heap |= argument instanceof MemorySegment segment && !segment.isNative();
        }
        if (heap && !critical) {
            throw new AssertionError(function + " is given a heap array by a plain call");
        }
        if (critical) {
            MOST.merge(function, work(function, arguments), Math::max);
        }
    }

    /** Elements, and where blocks lie apart the units of the tiles that are drawn for them. */
    private static long work(String function, Object[] arguments) {
        int at = COUNTS.get(function);
        long count = (long) arguments[at];
        if (function.equals("Rows")) {
            return count * (long) arguments[at + 1];
        }
        boolean normal = function.equals("Normal");
        long run = normal ? 1 : (long) arguments[at + 1];
        long cycle = (long) arguments[at + (normal ? 1 : 2)];
        long repeat = normal ? 1 : (long) arguments[at + 3];
        long step = (long) arguments[at + (normal ? 2 : 4)];
        if (step == cycle) {
            return count;
        }
        long blocks = count / (run * cycle * repeat) + 1;
        return count + Math.min(blocks, blocks * step / TILE + 1) * TILE;
    }

    /** The functions that were called, and the most that each did. */
    static Map<String, Long> most() {
        return MOST;
    }
}
