package digits;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What the results say, in sentences that are made from them. */
final class Findings {
    /**
     * A number that is compared.
     *
     * @param value has it of a run
     * @param factor what it is multiplied by to be written
     * @param unit what it is rounded to then
     * @param suffix follows it
     */
    record Quantity(ToDoubleFunction<Run> value, double factor, double unit, String suffix) {
        Quantity(ToDoubleFunction<Run> value, double unit) {
            this(value, 1, unit, "");
        }
    }

    private final Results results;

    Findings(Results results) {
        this.results = results;
    }

    Difference difference(Variant variant, Variant base, int depth, ToDoubleFunction<Run> value) {
        return Difference.between(
                results.of(variant, depth), results.of(base, depth), value);
    }

    /** The labels of those of some variants whose difference from a base is as asked for. */
    List<String> those(
            List<Variant> variants,
            Variant base,
            int depth,
            Quantity quantity,
            Predicate<Difference> difference) {
        return variants.stream()
                .filter(variant -> variant != base)
                .filter(
                        variant ->
                                difference.test(
                                        difference(variant, base, depth, quantity.value())))
                .map(Variant::label)
                .toList();
    }

    /** How each of some variants differs from a base. */
    List<String> sentences(List<Variant> variants, Variant base, int depth, Quantity quantity) {
        List<String> sentences = new ArrayList<>();
        for (Variant variant : variants) {
            if (variant != base) {
                sentences.add(
                        variant.label() + ", " + depth + " branches: "
                                + text(
                                        difference(variant, base, depth, quantity.value()),
                                        quantity));
            }
        }
        return sentences;
    }

    /** A difference with its interval, and whether there is one at all. */
    String text(Difference difference, Quantity quantity) {
        String interval =
                number(difference.low(), quantity) + " to " + number(difference.high(), quantity);
        if (!difference.isLower() && !difference.isHigher()) {
            return "not distinguishable (" + number(difference.mean(), quantity)
                    + quantity.suffix() + ", 95% interval " + interval + ")";
        }
        return Words.number(
                        Math.abs(difference.mean()) * quantity.factor(), quantity.unit())
                + quantity.suffix()
                + (difference.isLower() ? " lower" : " higher")
                + " (95% interval " + interval + ")";
    }

    private static String number(double value, Quantity quantity) {
        return Words.number(value * quantity.factor(), quantity.unit());
    }
}
