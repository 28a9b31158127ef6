package io.github.dropfuse.bench.endtoend;

import java.util.List;

/** Something that contenders do in turn, each in its own way. */
interface Task extends AutoCloseable {
    /** What is done, in a few words. */
    String name();

    List<Contender> contenders();

    Pace pace();

    /** Does it once. */
    void call(Contender contender);

    @Override
    void close();
}
