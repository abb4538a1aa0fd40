package trefoil.cli.terminal;

import java.io.IOException;

/**
 * Size of a terminal in characters.
 *
 * @param columns 1 or more
 * @param rows 1 or more
 */
public record TerminalSize(int columns, int rows) {
    /** What a terminal is taken for that tells no size. */
    static final TerminalSize USUAL = new TerminalSize(80, 24);

    /** The size of the terminal at standard input. */
    public static TerminalSize ofThis() throws IOException {
        return parse(Stty.run("size"));
    }

    /** What {@code stty size} prints: rows, then columns; 0 where unknown. */
    static TerminalSize parse(String text) {
        int blank = text.indexOf(' ');
        try {
            int rows = Integer.parseInt(text.substring(0, Math.max(blank, 0)));
            int columns = Integer.parseInt(text.substring(blank + 1).strip());
            return rows > 0 && columns > 0 ? new TerminalSize(columns, rows) : USUAL;
        } catch (NumberFormatException e) {
            return USUAL;
        }
    }
}
