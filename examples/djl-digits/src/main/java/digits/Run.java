package digits;

import java.util.List;

/**
 * One training, from its first epoch to its last.
 *
 * @param variant what was dropped
 * @param depth number of branches
 * @param seed of the parameters, masks, order, images and wrong labels
 * @param curve the losses along the way
 * @param millis processor time of the training thread for an epoch, the median
 * @param shortened test accuracy without 0, 1, 2, ... of the branches
 * @param ratios for each BatchNorm, the variance that it sees in evaluation over its running one
 * @param corrected the last test score, once the running statistics were taken again without Dropout;
 *     LayerNorm has none, so there it is the score as it was
 */
record Run(
        Variant variant,
        int depth,
        int seed,
        List<Point> curve,
        double millis,
        List<Float> shortened,
        List<Float> ratios,
        Score corrected) {
    Point last() {
        return curve.getLast();
    }

    Point at(int epoch) {
        return curve.stream().filter(point -> point.epoch() >= epoch).findFirst().orElse(last());
    }
}
