package digits;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How much is trained. */
enum Mode {
    /** For tests. */
    TINY(2, 2, 1, 2, 3, 50),
    QUICK(3, 16, 2, 3, 8, 200),
    FULL(8, 50, 2, 3, 12, 200);

    private final int seeds;
    private final int epochs;
    private final int interval;
    private final int shallow;
    private final int deep;
    private final int images;

    Mode(int seeds, int epochs, int interval, int shallow, int deep, int images) {
        this.seeds = seeds;
        this.epochs = epochs;
        this.interval = interval;
        this.shallow = shallow;
        this.deep = deep;
        this.images = images;
    }

    /** The seeds are 1 to this. */
    int seeds() {
        return seeds;
    }

    int epochs() {
        return epochs;
    }

    /** Epochs between two looks at the losses. */
    int interval() {
        return interval;
    }

    /** Branches of the shallow network. */
    int shallow() {
        return shallow;
    }

    /** Branches of the deep network. */
    int deep() {
        return deep;
    }

    List<Integer> depths() {
        return List.of(shallow, deep);
    }

    /** Images to train on. */
    int images() {
        return images;
    }

    static Mode named(String name) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "mode is " + name + ", allowed are "
                                                + Arrays.stream(values())
                                                        .map(Mode::text)
                                                        .collect(Collectors.joining(", "))));
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
