package io.github.dropfuse.cli.common;

import java.util.Collection;
import java.util.Optional;

/** Finds what somebody may have meant who misspelt a name. */
public final class Nearest {
    private static final int CHARACTERS_PER_MISTAKE = 3;

    private Nearest() {}

    /** The name that takes the fewest mistakes, if there is one in three characters at most. */
    public static Optional<String> to(String word, Collection<String> names) {
        String nearest = null;
        int fewest = Math.max(1, word.length() / CHARACTERS_PER_MISTAKE) + 1;
        for (String name : names) {
            int mistakes = mistakes(word, name);
            if (mistakes < fewest) {
                fewest = mistakes;
                nearest = name;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** Characters that are missing, too many, others or swapped with their neighbour. */
    static int mistakes(String word, String name) {
        int[][] of = new int[word.length() + 1][name.length() + 1];
        for (int i = 0; i <= word.length(); i++) {
            for (int j = 0; j <= name.length(); j++) {
                if (i == 0 || j == 0) {
                    of[i][j] = i + j;
                    continue;
                }
                boolean same = word.charAt(i - 1) == name.charAt(j - 1);
                int best = of[i - 1][j - 1] + (same ? 0 : 1);
                best = Math.min(best, 1 + Math.min(of[i - 1][j], of[i][j - 1]));
                boolean swapped =
                        i > 1
                                && j > 1
                                && word.charAt(i - 1) == name.charAt(j - 2)
                                && word.charAt(i - 2) == name.charAt(j - 1);
                of[i][j] = swapped ? Math.min(best, of[i - 2][j - 2] + 1) : best;
            }
        }
        return of[word.length()][name.length()];
    }
}
