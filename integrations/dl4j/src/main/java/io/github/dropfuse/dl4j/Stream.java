package io.github.dropfuse.dl4j;

import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import java.io.Serial;
import java.io.Serializable;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Where one layer's masks come from: a key of its own, and for each call an offset that is made of
 * the iteration and of the call's number in it. Part of the network's JSON.
 *
 * <p>Training numbers its calls from 0 in each iteration, and a call that was followed by its
 * backward pass gives its number back. So a training step has the same masks whatever else was
 * computed before it. All other calls have numbers of their own, which go into the JSON.
 */
final class Stream implements Serializable {
    @Serial private static final long serialVersionUID = 1;

    /** The workspace of a layer's input when MultiLayerNetwork or ComputationGraph trains. */
    private static final String TRAINING_WORKSPACE = "WS_ALL_LAYERS_ACT";

    private static final Pattern WORKER = Pattern.compile("ParallelWrapper training thread (\\d+)");
    private static final AtomicLong OUTSIDE_OF_NETWORKS = new AtomicLong();
    private static final long NOT_TRAINING = 1L << 31;

    @JsonProperty private final Long seed;
    private final Long base;
    @JsonProperty private Long key;
    @JsonProperty private final int worker;
    @JsonProperty private int iteration;
    @JsonProperty private int calls;

    private transient int trainingCalls;
    private transient boolean training;
    private transient long[] shape;
    private transient NetworkStreams network;

    private Stream(Long seed, Long base, Long key, int worker, int iteration, int calls) {
        this.seed = seed;
        this.base = base;
        this.key = key;
        this.worker = worker;
        this.iteration = iteration;
        this.calls = calls;
    }

    /**
     * A stream out of JSON.
     *
     * @param seed what the user asked for, or null
     * @param base ND4J's seed when it was saved, where it had no key yet
     * @param key set at the first call
     * @param worker 0, or the number of the ParallelWrapper's thread, from 1 on
     * @param iteration of the last call
     * @param calls outside of training in that iteration
     */
    @JsonCreator
    static Stream restored(
            @JsonProperty("seed") Long seed,
            @JsonProperty("base") Long base,
            @JsonProperty("key") Long key,
            @JsonProperty("worker") int worker,
            @JsonProperty("iteration") int iteration,
            @JsonProperty("calls") int calls) {
        return new Stream(seed, base, key, ofThisThread(worker), iteration, calls);
    }

    /** A stream whose key depends on a seed, or on ND4J's where that is null. */
    static Stream seeded(Long seed) {
        return new Stream(seed, null, null, 0, 0, 0);
    }

    synchronized Stream copy() {
        return new Stream(seed, base, key, worker, iteration, calls);
    }

    Long seed() {
        return seed;
    }

    /** The state of a new call. */
    synchronized PhiloxState next(int now, LayerWorkspaceMgr manager, long[] ofShape) {
        join(manager);
        moveTo(now);
        training = isTraining(manager);
        shape = ofShape;
        return state(training ? trainingCalls++ : calls++);
    }

    /** The state of the last call that had no backward pass yet, for that pass. */
    synchronized PhiloxState last(int now, long[] ofShape) {
        if (now != iteration || (training ? trainingCalls : calls) == 0) {
            throw new IllegalStateException(
                    "backprop in iteration " + now + " without applyDropout in it before");
        }
        if (shape != null && !Arrays.equals(shape, ofShape)) {
            throw new IllegalArgumentException(
                    "gradAtOutput has shape " + Arrays.toString(ofShape) + ", allowed is the"
                            + " activations' " + Arrays.toString(shape));
        }
        shape = null;
        return state(training ? --trainingCalls : --calls);
    }

    /**
     * The state of one parameter's noise. A training step asks for it more than once and has to get
     * the same; there is no backward pass.
     */
    synchronized PhiloxState ofParameter(int now, LayerWorkspaceMgr manager, long parameter) {
        join(manager);
        moveTo(now);
        training = isTraining(manager);
        PhiloxState state = state(training ? 0 : calls++);
        return new PhiloxState(derive(state.seed(), parameter), state.offset());
    }

    /** A key that depends on another one and a number. */
    static long derive(long key, long number) {
        return Generator.seeded(key).split(number).state().seed();
    }

    private void join(LayerWorkspaceMgr manager) {
        NetworkStreams streams = NetworkStreams.of(manager);
        if (streams != null && streams != network) {
            key = streams.register(this, key, base());
            network = streams;
        } else if (key == null) {
            key = derive(base(), seed != null ? 0 : OUTSIDE_OF_NETWORKS.decrementAndGet());
        }
    }

    /** What the key is derived from. In JSON it is for networks saved before their first step. */
    @JsonProperty("base")
    private synchronized long base() {
        return seed != null
                ? seed
                : key != null ? key : base != null ? base : Nd4j.getRandom().getSeed();
    }

    private void moveTo(int now) {
        if (now != iteration) {
            iteration = now;
            calls = 0;
            trainingCalls = 0;
        }
    }

    private PhiloxState state(int call) {
        long offset = (long) iteration << 32 | (training ? 0 : NOT_TRAINING) | call;
        return new PhiloxState(worker == 0 ? key : derive(key, worker), offset);
    }

    private static boolean isTraining(LayerWorkspaceMgr manager) {
        return manager != null
                && TRAINING_WORKSPACE.equals(manager.getWorkspaceName(ArrayType.INPUT));
    }

    /**
     * ParallelWrapper makes each worker's network from the first one's JSON, in the worker's
     * thread; nothing else tells them apart.
     */
    private static int ofThisThread(int worker) {
        Matcher name = WORKER.matcher(Thread.currentThread().getName());
        return worker == 0 && name.matches() ? Integer.parseInt(name.group(1)) + 1 : worker;
    }
}
