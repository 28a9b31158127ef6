package sparkmasks;

import java.io.Serializable;

/** A row that knows its place in the whole data set. A bean, so that RDDs and Datasets take it. */
public final class Sample implements Serializable {
    private static final long serialVersionUID = 1;

    private long index;
    private float label;
    private float[] features;

    /** For Spark. */
    public Sample() {}

    Sample(long index, float label, float[] features) {
        this.index = index;
        this.label = label;
        this.features = features;
    }

    Sample withFeatures(float[] others) {
        return new Sample(index, label, others);
    }

    public long getIndex() {
        return index;
    }

    public void setIndex(long index) {
        this.index = index;
    }

    /** 0 or 1. */
    public float getLabel() {
        return label;
    }

    public void setLabel(float label) {
        this.label = label;
    }

    public float[] getFeatures() {
        return features;
    }

    public void setFeatures(float[] features) {
        this.features = features;
    }
}
