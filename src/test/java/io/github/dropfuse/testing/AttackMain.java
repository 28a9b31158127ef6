package io.github.dropfuse.testing;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.TokenDrop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/**
 * Run in a process of its own: what callers might do to crash it. The parameter names an attack.
 * Each ends with "survived", if the process does.
 */
public final class AttackMain {
    private static final PhiloxState STATE = new PhiloxState(42, 0);

    /** Large enough to be mapped by the allocator, so that it is unmapped when it is freed. */
    private static final int SIZE = 1 << 20;

    private static final int ROUNDS = 30;

    private AttackMain() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "stack" -> stackEnds();
            case "executor" -> executorClosesArena();
            case "mask" -> arenaClosesArena();
            case "shared" -> anotherThreadClosesArena();
            case "indices" -> anotherThreadChangesIndices();
            case "arena" -> arenaGivesOtherMemory();
            default -> throw new AssertionError(arguments[0]);
        }
        System.out.println("survived");
    }

    /** Calls end anywhere in the caller's part; helpers must not write afterwards. */
    private static void stackEnds() {
        Dropout layer =
                new Dropout(0.5)
                        .with(
                                Execution.automatic()
                                        .over(task -> Thread.ofPlatform().start(task), 2));
        int[] ended = {-1};
        // Classes that are initialised where the stack ends cannot be used again.
        descend(layer, ended);
        ended[0] = 0;
        try {
            descend(layer, ended);
        } catch (StackOverflowError e) {
            // Where even the handler below has no stack.
        }
        System.out.println("ended:     " + (ended[0] < -10));
    }

    /**
     * Goes down until the stack ends, and makes a call on the way back, frame by frame, until one
     * has stack enough.
     *
     * @param ended how many calls have ended by then; negative when one was whole
     */
    private static void descend(Dropout layer, int[] ended) {
        try {
            if (ended[0] == 0) {
                descend(layer, ended);
            }
        } catch (StackOverflowError e) {
            // The frames above, now free, are all the stack that the call has.
        }
        if (ended[0] < -1) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, SIZE);
            layer.forward(x, x, STATE);
            ended[0] = -1 - Math.abs(ended[0]);
        } catch (StackOverflowError e) {
            ended[0]++;
        }
    }

    /** The reference splits no call on a confined arena, and so asks no executor. */
    private static Arena arenaOfSplitCalls() {
        boolean reference = Backends.automatic() == Backends.reference();
        return reference ? Arena.ofShared() : Arena.ofConfined();
    }

    private static void executorClosesArena() {
        for (int i = 0; i < ROUNDS; i++) {
            for (boolean inline : new boolean[] {true, false}) {
                Arena arena = arenaOfSplitCalls();
                Tensor x = Tensor.allocate(arena, DType.FLOAT32, SIZE);
                Executor closing =
                        task -> {
                            if (arena.scope().isAlive()) {
                                arena.close();
                            }
                            if (inline) {
                                task.run();
                            } else {
                                Thread.ofPlatform().start(task);
                            }
                        };
                Dropout layer =
                        new Dropout(0.5).with(Execution.automatic().over(closing, 2));
                refused(IllegalStateException.class, () -> layer.forward(x, x, STATE));
            }
        }
    }

    /** In the middle of a call that makes a mask from another one. */
    private static void arenaClosesArena() {
        for (int i = 0; i < ROUNDS; i++) {
            Arena confined = Arena.ofConfined();
            Mask source = Mask.allocate(confined, SIZE * 8L);
            Tensor x = Tensor.ofAddress(64, DType.FLOAT32, SIZE * 8L);
            Arena closing =
                    arena(
                            (bytes, alignment) -> {
                                confined.close();
                                return Arena.ofAuto().allocate(bytes, alignment);
                            });
            Dropout layer =
                    new Dropout(0.5)
                            .with(
                                    Execution.automatic()
                                            .over(task -> Thread.ofPlatform().start(task), 2));
            refused(IllegalStateException.class, () -> layer.mask(closing, x, source));
        }
    }

    private static void anotherThreadClosesArena() throws InterruptedException {
        Dropout layer = new Dropout(0.5);
        for (int i = 0; i < ROUNDS; i++) {
            Arena arena = Arena.ofShared();
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, SIZE);
            Thread closer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (arena.scope().isAlive()) {
                                            try {
                                                arena.close();
                                            } catch (IllegalStateException inUse) {
                                                Thread.onSpinWait();
                                            }
                                        }
                                    });
            refused(
                    IllegalStateException.class,
                    () -> {
                        while (true) {
                            layer.forward(x, x, STATE);
                        }
                    });
            Thread.interrupted(); // The JVM interrupts a thread whose access to memory it ends.
            closer.join();
        }
    }

    private static void anotherThreadChangesIndices() throws InterruptedException {
        int tokens = 1000;
        long[] indices = new long[tokens];
        Thread changer =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    while (true) {
                                        Arrays.setAll(indices, j -> j);
                                        Arrays.fill(indices, 1L << 40);
                                    }
                                });
        Tensor all = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, 1, tokens, 4);
        Tensor some = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, 1, tokens, 4);
        Tensor samples = all.reshape(tokens, 4);
        Tensor rows = some.reshape(tokens, 4);
        for (int i = 0; i < 100 * ROUNDS; i++) {
            allowed(
                    IllegalArgumentException.class,
                    () -> new TokenDrop(0, 0).forward(all, some, indices));
            allowed(
                    IllegalArgumentException.class,
                    () -> KeptSamples.of(tokens, 1, indices).scatterAdd(rows, samples));
        }
        System.out.println("changing:  " + changer.isAlive());
    }

    private static void arenaGivesOtherMemory() {
        Tensor x = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, SIZE);
        MemorySegment constant = MemorySegment.ofArray(new byte[SIZE]).asReadOnly();
        for (BiFunction<Long, Long, MemorySegment> allocate :
                Arrays.<BiFunction<Long, Long, MemorySegment>>asList(
                        (bytes, alignment) -> MemorySegment.NULL,
                        (bytes, alignment) -> Arena.ofAuto().allocate(bytes - 1),
                        (bytes, alignment) -> Arena.ofAuto().allocate(bytes + 1),
                        (bytes, alignment) -> constant.asSlice(0, Math.min(bytes, SIZE)))) {
            Arena arena = arena(allocate);
            refused(
                    IllegalArgumentException.class,
                    () -> Tensor.allocate(arena, DType.FLOAT64, 1000));
            refused(IllegalArgumentException.class, () -> Mask.allocate(arena, 1000));
            refused(
                    IllegalArgumentException.class,
                    () -> new Dropout(0.5).mask(arena, x, STATE));
        }
        Arena dirty =
                arena(
                        (bytes, alignment) ->
                                Arena.ofAuto().allocate(bytes, alignment).fill((byte) -1));
        Tensor zeros = Tensor.allocate(dirty, DType.FLOAT32, 1000);
        System.out.println("zeros:     " + (zeros.get(999) == 0));
        Mask none = Mask.allocate(dirty, 1000);
        System.out.println("none kept: " + (none.kept() == 0));
    }

    private static Arena arena(BiFunction<Long, Long, MemorySegment> allocate) {
        return new Arena() {
            @Override
            public MemorySegment allocate(long bytes, long alignment) {
                return allocate.apply(bytes, alignment);
            }

            @Override
            public MemorySegment.Scope scope() {
                return Arena.global().scope();
            }

            @Override
            public void close() {}
        };
    }

    private static void refused(Class<? extends RuntimeException> type, Runnable call) {
        if (!allowed(type, call)) {
            throw new AssertionError("not refused");
        }
    }

    /** Whether a call throws what it may. */
    private static boolean allowed(Class<? extends RuntimeException> type, Runnable call) {
        try {
            call.run();
            return false;
        } catch (RuntimeException e) {
            if (!type.isInstance(e)) {
                throw e;
            }
            return true;
        }
    }
}
