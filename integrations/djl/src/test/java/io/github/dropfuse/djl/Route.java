package io.github.dropfuse.djl;

/** The two ways through PyTorch. */
enum Route {
    PRODUCT,
    OPERATOR;

    void use() {
        if (this == OPERATOR) {
            TorchOperator.install();
        } else {
            TorchOperator.suspend();
        }
    }
}
