package digits;

/** A network after an epoch, as it evaluates: nothing is dropped. */
record Point(int epoch, Score train, Score test) {
    /** What the test loss is above the training loss. */
    double gap() {
        return test.loss() - train.loss();
    }
}
