package io.github.dropfuse.dl4j;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;

/**
 * The streams in use in one network, so that no two of its layers have the same. A network has one
 * map of pointers for its helpers, which reaches every layer with the workspace manager; it is kept
 * there.
 */
final class NetworkStreams extends Pointer {
    private static final String NAME = "DROPFUSE_STREAMS";

    private final Map<Long, Stream> taken = new HashMap<>();

    private NetworkStreams() {
        super((Pointer) null);
    }

    /** The streams of the network that a call comes from; null where it comes from none. */
    static NetworkStreams of(LayerWorkspaceMgr manager) {
        if (manager == null || manager.getHelperWorkspacePointers() == null) {
            return null;
        }
        Map<String, Pointer> pointers = manager.getHelperWorkspacePointers();
        synchronized (pointers) {
            return (NetworkStreams) pointers.computeIfAbsent(NAME, name -> new NetworkStreams());
        }
    }

    /**
     * Registers a stream.
     *
     * @param key the stream's key, or null where it has none yet
     * @param base what keys are derived from
     * @return the key, a new one where there was none or another layer has it
     */
    synchronized long register(Stream stream, Long key, long base) {
        long chosen = key == null ? Stream.derive(base, 0) : key;
        for (int n = 1; taken.containsKey(chosen) && taken.get(chosen) != stream; n++) {
            chosen = Stream.derive(base, n);
        }
        taken.put(chosen, stream);
        return chosen;
    }
}
