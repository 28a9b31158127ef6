package io.github.dropfuse.djl;

import io.github.dropfuse.Location;
import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.layer.Execution;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** libtorch's CUDA devices and streams as the library's own: few, and asking takes time. */
final class CudaStreams {
    private static final Map<Integer, CudaDevice> DEVICES = new ConcurrentHashMap<>();
    private static final Map<Key, Execution> EXECUTIONS = new ConcurrentHashMap<>();

    private record Key(int device, long stream) {}

    private CudaStreams() {}

    static Location location(int device) {
        return device(device).location();
    }

    /** On the stream that libtorch works on now, in this thread. */
    static Execution current(int device) {
        Key key = new Key(device, LibTorch.currentCudaStream(device));
        return EXECUTIONS.computeIfAbsent(
                key, k -> Execution.automatic().on(device(k.device()).stream(k.stream())));
    }

    private static CudaDevice device(int index) {
        return DEVICES.computeIfAbsent(index, Cuda::device);
    }
}
