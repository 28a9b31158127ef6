package io.github.dropfuse.layer;

/**
 * Dropout: drops each element with probability p in training, or each position of a {@linkplain
 * Units#noiseShape noise shape}. Hinton et al., <i>Improving neural networks by preventing
 * co-adaptation of feature detectors</i>, arXiv:1207.0580; Srivastava et al., JMLR 15 (2014).
 *
 * <pre>{@code
 * Dropout dropout = new Dropout(0.1);
 * Generator generator = Generator.seeded(42);
 * PhiloxState state = generator.next();
 * dropout.forward(x, y, state);
 * dropout.backward(dy, dx, state);
 * }</pre>
 *
 * <p>A state stands for a mask, so whoever keeps it has the mask again:
 *
 * <ul>
 *   <li><b>DropConnect</b> drops weights: give {@code x} the weights and {@code y} a tensor to
 *       compute with, and in the backward pass the gradient of {@code y}. Wan et al., ICML 2013.
 *   <li><b>Locked (variational) dropout</b> uses one mask for all steps of a sequence: the same
 *       state at each step, or a {@linkplain Units#noiseShape noise shape} of 1 along time where
 *       the tensor holds all steps. Gal and Ghahramani, arXiv:1512.05287.
 *   <li><b>Monte-Carlo dropout</b> calls {@code forward} at inference too, with a new state for
 *       each sample of the prediction: {@code generator.next()}. The same states give the same
 *       samples. Gal and Ghahramani, arXiv:1506.02142.
 * </ul>
 */
public final class Dropout extends ScaledDropout {
    /**
     * Inverted dropout.
     *
     * @param p probability that an element is dropped, 0 to 1
     */
    public Dropout(double p) {
        this(p, Scaling.IN_TRAINING);
    }

    /**
     * Dropout in a given form.
     *
     * @param p probability that an element is dropped, 0 to 1
     * @param scaling where dropped elements are made up for
     */
    public Dropout(double p, Scaling scaling) {
        this(p, scaling, Units.elements());
    }

    /**
     * Dropout whose decisions are shared between elements.
     *
     * @param p probability that a unit is dropped, 0 to 1
     * @param scaling where dropped units are made up for
     * @param units which elements are kept or dropped as one
     */
    public Dropout(double p, Scaling scaling, Units units) {
        this(p, scaling, units, Execution.automatic());
    }

    private Dropout(double p, Scaling scaling, Units units, Execution execution) {
        super(p, units, scaling, execution);
    }

    @Override
    public Dropout withP(double newP) {
        return new Dropout(newP, scaling(), units(), execution());
    }

    @Override
    public Dropout with(Execution execution) {
        return new Dropout(p(), scaling(), units(), execution);
    }

    /** Name, p, scaling and units. */
    @Override
    public String toString() {
        return "Dropout[p=" + p() + ", scaling=" + scaling() + ", units=" + units() + "]";
    }
}
