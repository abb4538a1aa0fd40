package trefoil.cli.output;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import trefoil.api.JsonValue;

/** Resources as the API told them, and the columns that they are shown in. JSON and YAML hold them whole. */
public record Listing(List<JsonValue> rows, Columns columns) {
    /** Prints them; {@code chosen} is what {@code -c} said, or {@code null}. */
    public void print(PrintStream out, Format format, String chosen) {
        List<String> names = columns.choose(chosen);
        switch (format) {
            case JSON -> PrettyJson.print(out, rows);
            case YAML -> Yaml.print(out, rows);
            case CSV -> Csv.print(out, table(names));
            case COMPACT -> table(names).printCompact(out);
            case TABLE -> table(names).printBoxed(out);
        }
    }

    private Table table(List<String> names) {
        List<List<String>> cells = new ArrayList<>(rows.size());
        for (JsonValue row : rows) {
            List<String> line = new ArrayList<>(names.size());
            for (String name : names) {
                line.add(columns.cell(row, name));
            }
            cells.add(line);
        }
        return new Table(names, cells);
    }
}
