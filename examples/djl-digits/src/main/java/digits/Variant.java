package digits;

import java.util.Arrays;
import java.util.List;

/** What a network drops in training, and how it normalises. */
enum Variant {
    NONE("nothing dropped", Norm.LAYER, Place.NOWHERE, 0, 0),
    DJL_DROPOUT("Dropout (DJL)", Norm.LAYER, Place.HIDDEN_BY_DJL, 0.3, 0),
    DROPOUT("Dropout (Dropfuse)", Norm.LAYER, Place.HIDDEN, 0.3, 0),
    DROP_PATH("DropPath", Norm.LAYER, Place.NOWHERE, 0, 0.5),
    BOTH("Dropout + DropPath", Norm.LAYER, Place.HIDDEN, 0.3, 0.5),

    BATCH_NONE("no Dropout", Norm.BATCH, Place.NOWHERE, 0, 0),
    BATCH_AFTER("Dropout after the last BatchNorm", Norm.BATCH, Place.LAST, 0.5, 0),
    BATCH_BEFORE("Dropout before BatchNorm", Norm.BATCH, Place.BEFORE_NORM, 0.5, 0);

    /** The normalisation of a network. */
    enum Norm {
        LAYER,
        BATCH
    }

    /** Where elements are dropped. */
    enum Place {
        NOWHERE,
        /** In each branch, before its second convolution. */
        HIDDEN,
        /** The same, by the layer that comes with DJL. */
        HIDDEN_BY_DJL,
        /** In each branch, between its first convolution and the normalisation behind it. */
        BEFORE_NORM,
        /** Once, before the last linear layer. */
        LAST
    }

    private final String label;
    private final Norm norm;
    private final Place place;
    private final double rate;
    private final double pathRate;

    Variant(String label, Norm norm, Place place, double rate, double pathRate) {
        this.label = label;
        this.norm = norm;
        this.place = place;
        this.rate = rate;
        this.pathRate = pathRate;
    }

    String label() {
        return label;
    }

    Norm norm() {
        return norm;
    }

    Place place() {
        return place;
    }

    /** The probability to drop an element. */
    double rate() {
        return rate;
    }

    /** The probability to drop the last branch. The first has 0, the others lie evenly between. */
    double pathRate() {
        return pathRate;
    }

    static List<Variant> with(Norm norm) {
        return Arrays.stream(values()).filter(variant -> variant.norm == norm).toList();
    }
}
