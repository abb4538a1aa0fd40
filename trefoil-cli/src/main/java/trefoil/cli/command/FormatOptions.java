package trefoil.cli.command;

import trefoil.cli.output.Columns;
import trefoil.cli.output.Format;
import trefoil.cli.output.Listing;
import trefoil.cli.session.Session;
import trefoil.cli.syntax.Syntax;
import trefoil.cli.syntax.Value;

/** {@code -f} and {@code -c} of every command that prints rows. */
final class FormatOptions {
    private final Columns columns;
    private final String usual;
    private final Value format;
    private final Value chosen;

    /**
     * @param columns of the rows
     * @param usual the format where none is given: {@code table}, or {@code text} for a command with a form of its own
     */
    FormatOptions(Syntax syntax, Columns columns, String usual) {
        this.columns = columns;
        this.usual = usual;
        String text = usual.equals("text") ? "text, " : "";
        format = syntax.value("-f", "--format", "FORMAT", text + "table, compact, csv, json or yaml; " + usual + " where not set.");
        chosen = syntax.value(
                "-c", "--columns", "COLUMNS", "Columns, separated by commas; + before the first adds them to the usual ones. There are "
                        + String.join(", ", columns.all()) + ".");
    }

    /** Refuses wrong words before any work is done; the format, or {@code null} for the command's own form. */
    Format check() {
        columns.choose(chosen.text());
        String word = format.text(usual);
        return word.equals("text") && usual.equals("text") ? null : Format.of(word);
    }

    /** Prints rows in {@code format}. */
    void print(Session session, Format as, Listing listing) {
        listing.print(session.out(), as, chosen.text());
    }
}
