package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.ConcurrentSkipListMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class SplitterPropertiesTest {
    @Property(seed = "5", tries = 200)
    void piecesCoverTheRangeOnceAndBeginAtMultiples(
            @ForAll @LongRange(min = 1, max = 1L << 40) long count,
            @ForAll @IntRange(min = 1, max = 20) int helpers) {
        long align = 4096;
        long grain = Math.max(1, count / 50);
        var pieces = new ConcurrentSkipListMap<Long, Long>();
        Splitter.over(task -> Thread.ofVirtual().start(task), helpers)
                .run(count, align, grain, () -> {}, pieces::put);
        long next = 0;
        for (var piece : pieces.entrySet()) {
            assertEquals(next, piece.getKey());
            assertEquals(0, piece.getKey() % align);
            next += piece.getValue();
        }
        assertEquals(count, next);
    }
}
