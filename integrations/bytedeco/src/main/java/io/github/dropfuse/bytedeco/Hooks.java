package io.github.dropfuse.bytedeco;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.PointerConsumer;
import org.bytedeco.pytorch.TensorTensorHook;

/** The hooks that graphs may call, each under a number until its graph is gone. */
final class Hooks {
    /** Lets a hook go; PyTorch calls it with what {@link #keep} has returned. */
    static final PointerConsumer RELEASE = unscoped(new Release());

    private static final Map<Long, TensorTensorHook> KEPT = new ConcurrentHashMap<>();
    private static final AtomicLong LAST = new AtomicLong();

    private Hooks() {}

    /** Keeps a hook. The pointer's address is its number; there is nothing to read. */
    static Pointer keep(TensorTensorHook hook) {
        long number = LAST.incrementAndGet();
        KEPT.put(number, unscoped(hook));
        return new Number(number);
    }

    static int kept() {
        return KEPT.size();
    }

    /** A pointer that the scope in which it was made does not free when it closes. */
    static <P extends Pointer> P unscoped(P pointer) {
        return pointer.retainReference();
    }

    private static final class Release extends PointerConsumer {
        @Override
        public void call(Pointer number) {
            KEPT.remove(number.address()).close();
        }
    }

    private static final class Number extends Pointer {
        Number(long number) {
            super((Pointer) null);
            address = number;
        }
    }
}
