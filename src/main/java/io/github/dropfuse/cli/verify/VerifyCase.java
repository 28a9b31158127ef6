package io.github.dropfuse.cli.verify;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One random call, fixed by a seed and a number.
 *
 * @param layer what is called
 * @param subject the call
 * @param operands what it reads and writes
 * @param places where each of these lies
 * @param split whether large calls may use several threads
 * @param cuts where the first dimension is cut into shards
 * @param content seed of the elements
 */
record VerifyCase(
        VerifyLayer layer,
        VerifySubject subject,
        List<VerifyOperand> operands,
        List<Place> places,
        boolean split,
        long[] cuts,
        long content) {

    /**
     * A kind of memory and an alignment.
     *
     * @param heap whether it is an array of the heap, else native memory
     * @param offset bytes from a multiple of 64
     */
    record Place(boolean heap, int offset) {
        @Override
        public String toString() {
            return (heap ? "heap+" : "native+") + offset;
        }
    }

    /** The case of a number. Layers take turns; apart from that numbers have nothing in common. */
    static VerifyCase random(long seed, long number) {
        VerifyLayer[] layers = VerifyLayer.values();
        VerifyLayer layer = layers[(int) (number % layers.length)];
        VerifyRandom random = new VerifyRandom(seed, number);
        VerifySubject subject = layer.call(random);
        List<VerifyOperand> operands = subject.operands();
        return new VerifyCase(
                layer,
                subject,
                operands,
                operands.stream().map(operand -> place(random)).toList(),
                random.coin(),
                random.cuts(subject.rows()),
                random.bits());
    }

    private static Place place(VerifyRandom random) {
        return new Place(random.oneIn(4), random.coin() ? 0 : random.below(64));
    }

    @Override
    public String toString() {
        String memory =
                IntStream.range(0, operands.size())
                        .mapToObj(
                                i ->
                                        operands.get(i).place() != null
                                                ? operands.get(i).toString()
                                                : operands.get(i) + " at " + places.get(i))
                        .collect(Collectors.joining(", "));
        return layer + ": " + subject + ", " + memory + (split ? ", split" : "")
                + (cuts.length == 0 ? "" : ", cut at " + Arrays.toString(cuts));
    }
}
