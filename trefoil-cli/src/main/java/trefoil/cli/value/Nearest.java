package trefoil.cli.value;

import java.util.Collection;

/** Finds the word that was probably meant. */
public final class Nearest {
    private Nearest() {}

    /** The word of {@code words} that differs least from {@code typed}, or {@code null} when none is near. */
    public static String to(String typed, Collection<String> words) {
        String best = null;
        int least = Math.max(1, typed.length() / 3) + 1;
        for (String word : words) {
            int distance = word.startsWith(typed) && typed.length() >= 2 ? 1 : distance(typed, word);
            if (distance < least) {
                least = distance;
                best = word;
            }
        }
        return best;
    }

    /** Insertions, deletions, replacements and swaps of neighbours that make {@code a} into {@code b} (optimal string alignment). */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cell(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int cell(int[][] cost, String a, String b, int i, int j) {
        int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int least = Math.min(replace, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
    }
}
