package io.github.dropfuse.bench.endtoend;

import java.util.List;

/** Something that contenders do in turn, each in its own way. */
interface Task extends AutoCloseable {
    /** What is done, in a few words. */
    String name();

    List<Contender> contenders();

    /** How often one sample does it, so that it is long enough to be timed. */
    int calls();

    /** Samples of each contender. */
    int rounds();

    /** Does it once. */
    void call(Contender contender);

    @Override
    void close();
}
