package io.github.dropfuse.layer;

import io.github.dropfuse.kernel.BlockShape;
import java.util.Map;
import java.util.TreeMap;

/** How often the blocks of a DropBlock cover an image, and the rate of centres that follows. */
final class BlockRate {
    private final BlockShape shape;

    private BlockRate(BlockShape shape) {
        this.shape = shape;
    }

    /**
     * The rate of centres that drops a share p of all positions: {@code mean of (1 - (1 - γ)^m) =
     * p}. With q = -log(1 - γ) the mean of 1 - exp(-q m) is concave in q, so that Newton's
     * iteration from 0 rises to the solution and never passes it.
     */
    static double gamma(BlockShape shape, double p) {
        if (p == 0 || p == 1) {
            return p;
        }
        Map<Long, Double> cover = new BlockRate(shape).cover();
        double q = 0;
        while (true) {
            double dropped = 0;
            double slope = 0;
            for (Map.Entry<Long, Double> entry : cover.entrySet()) {
                double term = StrictMath.expm1(-q * entry.getKey());
                dropped -= entry.getValue() * term;
                slope += entry.getValue() * entry.getKey() * (1 + term);
            }
            double next = q + (p - dropped) / slope;
            if (!(next > q)) {
                return -StrictMath.expm1(-q);
            }
            q = next;
        }
    }

    /** The share of positions that m centres can cover, by m. */
    private Map<Long, Double> cover() {
        Map<Long, Double> all = new TreeMap<>(Map.of(1L, 1.0));
        for (int d = 0; d < shape.spatial().length; d++) {
            Map<Long, Double> longer = new TreeMap<>();
            Map<Long, Double> along = coverAlong(d);
            all.forEach(
                    (m, share) ->
                            along.forEach(
                                    (k, part) -> longer.merge(m * k, share * part, Double::sum)));
            all = longer;
        }
        return all;
    }

    /** Away from the borders, as many centres cover a position as a side is long. */
    private Map<Long, Double> coverAlong(int dimension) {
        long extent = shape.spatial()[dimension];
        int side = shape.side();
        long first = shape.valid() ? (side - 1) / 2 : 0;
        long last = first + shape.centresAlong(dimension) - 1;
        long inner = Math.min(extent, first + side / 2);
        long outer = Math.max(inner, last - (side - 1) / 2 + 1);
        Map<Long, Long> positions = new TreeMap<>();
        for (long border = 0; border < inner + (extent - outer); border++) {
            long at = border < inner ? border : border - inner + outer;
            long from = Math.max(first, at - side / 2);
            long to = Math.min(last, at + (side - 1) / 2);
            positions.merge(to - from + 1, 1L, Long::sum);
        }
        if (outer > inner) {
            positions.merge((long) side, outer - inner, Long::sum);
        }
        Map<Long, Double> shares = new TreeMap<>();
        positions.forEach((m, count) -> shares.put(m, (double) count / extent));
        return shares;
    }
}
