package digits;

import java.util.List;

/** Numbers and lists as people write them. */
final class Words {
    private Words() {}

    /** A number rounded to a unit such as 0.01. */
    static String number(double value, double unit) {
        int digits = (int) Math.max(0, Math.ceil(-Math.log10(unit) - 1e-9));
        String text = Svg.format("%." + digits + "f", Math.abs(value));
        boolean zero = text.chars().allMatch(c -> c == '0' || c == '.');
        return value < 0 && !zero ? "−" + text : text;
    }

    static String list(List<String> items) {
        return items.size() < 2
                ? String.join("", items)
                : String.join(", ", items.subList(0, items.size() - 1)) + " and "
                        + items.getLast();
    }
}
