package digits;

/** Puts values of a range on pixels, linearly. */
record Scale(double least, double greatest, double from, double to) {
    double at(double value) {
        return from + (value - least) / (greatest - least) * (to - from);
    }

    /** A round distance, so that a range has three to seven marks. */
    static double step(double range) {
        double step = Math.pow(10, Math.floor(Math.log10(range / 3)));
        for (int factor : new int[] {2, 5}) {
            if (range / (step * factor) >= 3) {
                return range / (step * 5) >= 3 ? step * 5 : step * factor;
            }
        }
        return step;
    }
}
