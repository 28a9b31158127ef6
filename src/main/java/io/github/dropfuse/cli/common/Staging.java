package io.github.dropfuse.cli.common;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes calls on host memory wherever they are computed: for a device, operands are copied there. */
public final class Staging {
    private final Execution execution;
    private final CudaDevice device;

    private Staging(Execution execution, CudaDevice device) {
        this.execution = execution;
        this.device = device;
    }

    /** A backend of the host. */
    public static Staging on(Backend backend) {
        return new Staging(Execution.automatic().on(backend), null);
    }

    /** A device. */
    public static Staging on(CudaDevice device) {
        Backend backend = Backends.require("cuda:" + device.index());
        return new Staging(Execution.automatic().on(backend), device);
    }

    /** Every backend of the host, then the devices. */
    public static List<Staging> all() {
        List<Staging> all = new ArrayList<>(Backends.all().stream().map(Staging::on).toList());
        if (!Backends.missing().containsKey("cuda")) {
            Cuda.devices().forEach(one -> all.add(on(one)));
        }
        return all;
    }

    /** Whether memory is copied. */
    public boolean isDevice() {
        return device != null;
    }

    /** Where layers have to compute. */
    public Execution execution() {
        return execution;
    }

    /** The same on the calling thread alone. */
    public Staging sequential() {
        return new Staging(execution.sequential(), device);
    }

    /** A call on operands that a device gets copies of; what shares memory here does so there. */
    public void run(Tensor[] operands, Consumer<Tensor[]> call) {
        if (device == null) {
            call.accept(operands);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Map<MemorySegment, Tensor> copies = new HashMap<>();
            Tensor[] there = operands.clone();
            for (int i = 0; i < there.length; i++) {
                there[i] = operands[i] == null ? null : copy(arena, operands[i], copies);
            }
            call.accept(there);
            for (int i = 0; i < there.length; i++) {
                if (operands[i] != null && !operands[i].segment().isReadOnly()) {
                    there[i].copyTo(operands[i]);
                }
            }
        }
    }

    private Tensor copy(Arena arena, Tensor here, Map<MemorySegment, Tensor> copies) {
        Tensor known = copies.get(here.segment());
        if (known == null) {
            known = device.allocate(arena, here.dtype(), here.shape());
            known.copyFrom(here);
            copies.put(here.segment(), known);
        }
        return known.reshape(here.shape());
    }

    /** The same decisions where a call finds them. */
    public MaskSource source(Arena arena, MaskSource source) {
        return source instanceof Mask mask && device != null ? copy(arena, mask) : source;
    }

    private Mask copy(Arena arena, Mask here) {
        Mask there = device.allocateMask(arena, here.units());
        there.copyFrom(here);
        return there;
    }

    /** A mask that was made by a call, in host memory. */
    public static Mask near(Arena arena, Mask mask) {
        if (mask.location().isHost()) {
            return mask;
        }
        Mask near = Mask.allocate(arena, mask.units());
        near.copyFrom(mask);
        return near;
    }

    /** Memory for the bits of some units, where the call writes them. */
    public Mask allocateMask(Arena arena, long units) {
        return device == null ? Mask.allocate(arena, units) : device.allocateMask(arena, units);
    }

    /** The backend's name and tier. */
    @Override
    public String toString() {
        return execution.backend().toString();
    }
}
