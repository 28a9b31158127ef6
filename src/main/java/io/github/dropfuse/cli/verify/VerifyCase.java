package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.Box;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One random call, fixed by a seed and a number.
 *
 * @param subject what is called
 * @param call the call
 * @param slots what it reads and writes
 * @param places where each of these lies
 * @param split whether large calls may use several threads
 * @param parts the boxes that it is cut into, or all of it
 * @param modes of the calling thread in which native calls are made once more
 * @param content seed of the elements
 */
record VerifyCase(
        Subject subject,
        Call call,
        List<Slot> slots,
        List<Memory.Place> places,
        boolean split,
        List<Box> parts,
        List<FloatingPointMode> modes,
        long content) {

    /** The case of a number. Subjects take turns; apart from that numbers have nothing in common. */
    static VerifyCase random(long seed, long number, boolean deep) {
        int count = Subject.ALL.size();
        Subject subject = Subject.ALL.get((int) (number % count));
        RandomDraws random = new RandomDraws(seed, number, number >= 2 * count, deep);
        Call call = subject.calls().apply(random);
        List<Slot> slots = call.slots();
        boolean inMode = random.oneIn(4) && call.takesModes();
        List<FloatingPointMode> all = List.of(FloatingPointMode.values());
        FloatingPointMode one = random.pick(all);
        return new VerifyCase(
                subject,
                call,
                slots,
                slots.stream()
                        .map(
                                slot ->
                                        new Memory.Place(
                                                random.memory(),
                                                random.coin() ? 0 : random.below(64)))
                        .toList(),
                random.coin(),
                random.boxes(call.shape(), call.cuts()),
                !inMode ? List.of() : deep ? all : List.of(one),
                random.bits());
    }

    @Override
    public String toString() {
        String memory =
                IntStream.range(0, slots.size())
                        .mapToObj(
                                i ->
                                        slots.get(i)
                                                + (slots.get(i).replaces() == null
                                                        ? " at " + places.get(i)
                                                        : ""))
                        .collect(Collectors.joining(", "));
        String cut =
                parts.stream()
                        .map(
                                part ->
                                        Arrays.toString(part.from()) + "+"
                                                + Arrays.toString(part.shape()))
                        .collect(Collectors.joining(" "));
        return subject + ": " + call + ", " + memory + (split ? ", split" : "")
                + (parts.size() == 1 ? "" : ", cut into " + cut)
                + (modes.isEmpty() ? "" : ", with " + words(modes));
    }

    private static String words(List<FloatingPointMode> modes) {
        return modes.stream().map(FloatingPointMode::toString).collect(Collectors.joining(", "));
    }
}
