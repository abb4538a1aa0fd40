package trefoil.cli.output;

/** Text that others chose, such as an image's operating system, made harmless for a terminal: no control characters. */
public final class Safe {
    private Safe() {}

    /** {@code text} on one line. */
    public static String line(String text) {
        return clean(text, false);
    }

    /** {@code text} with its line ends kept. */
    public static String lines(String text) {
        return clean(text, true);
    }

    private static String clean(String text, boolean keepLines) {
        if (text == null) {
            return "";
        }
        for (int i = 0; i < text.length(); i++) {
            if (harmful(text.charAt(i), keepLines)) {
                return replaced(text, keepLines);
            }
        }
        return text;
    }

    private static String replaced(String text, boolean keepLines) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            clean.append(harmful(c, keepLines) ? (c == '\t' || c == '\n' ? ' ' : '?') : c);
        }
        return clean.toString();
    }

    /** C0 and C1 controls, DEL, and the characters that reorder a line's display (Unicode UAX #9). */
    private static boolean harmful(char c, boolean keepLines) {
        if (c == '\n') {
            return !keepLines;
        }
        return c < ' ' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069;
    }
}
