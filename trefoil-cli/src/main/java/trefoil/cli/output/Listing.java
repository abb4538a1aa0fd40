package trefoil.cli.output;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import trefoil.api.JsonTypes;

/**
 * Prints rows in any {@link Format}.
 *
 * @param type record of the API that a row is
 * @param columns the columns it has
 */
public record Listing<T>(Class<T> type, Columns<T> columns) {
    /** Prints rows; {@code chosen} is what {@code -c} said, or {@code null}. */
    public void print(PrintStream out, Format format, String chosen, List<T> rows) {
        List<String> names = columns.choose(chosen);
        switch (format) {
            case JSON -> PrettyJson.print(out, JsonTypes.listOf(type).toJson(rows));
            case YAML -> Yaml.print(out, JsonTypes.listOf(type).toJson(rows));
            case CSV -> Csv.print(out, table(names, rows));
            case COMPACT -> table(names, rows).printCompact(out);
            case TABLE -> table(names, rows).printBoxed(out);
        }
    }

    private Table table(List<String> names, List<T> rows) {
        List<List<String>> cells = new ArrayList<>(rows.size());
        for (T row : rows) {
            List<String> line = new ArrayList<>(names.size());
            for (String name : names) {
                line.add(columns.cell(row, name));
            }
            cells.add(line);
        }
        return new Table(names, cells);
    }
}
