package plainjava;

/**
 * What a network is like.
 *
 * @param inputs values of a sample
 * @param width values of a sample between the layers
 * @param depth number of residual blocks
 * @param classes number of outputs
 * @param dropout probability to drop an element within a block
 * @param dropPath probability to drop the last block's branch for a sample; less before, from 0 on
 */
record Settings(
        int inputs, int width, int depth, int classes, double dropout, double dropPath) {
    static Settings forDigits(double dropout, double dropPath) {
        return new Settings(Digits.PIXELS, 64, 4, Digits.CLASSES, dropout, dropPath);
    }
}
