package trefoil.cli.output;

import java.io.PrintStream;
import java.util.List;

/** Comma-separated values (RFC 4180), without a header line, lines ended by a line feed; the lines of a cell are joined by blanks. */
final class Csv {
    private Csv() {}

    static void print(PrintStream out, Table table) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : table.rows()) {
            for (int column = 0; column < row.size(); column++) {
                text.append(column == 0 ? "" : ",");
                append(text, row.get(column).replace('\n', ' '));
            }
            text.append('\n');
        }
        Utf8.print(out, text);
    }

    private static void append(StringBuilder text, String cell) {
        boolean quote = cell.indexOf(',') >= 0 || cell.indexOf('"') >= 0 || cell.indexOf('\r') >= 0;
        if (quote) {
            text.append('"').append(cell.replace("\"", "\"\"")).append('"');
        } else {
            text.append(cell);
        }
    }
}
