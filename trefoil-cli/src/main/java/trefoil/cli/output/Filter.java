package trefoil.cli.output;

import java.util.ArrayList;
import java.util.List;
import trefoil.api.JsonValue;
import trefoil.cli.value.Nearest;
import trefoil.cli.value.UsageException;

/**
 * Conditions on columns, such as {@code status=running kind=os name=web*}; a resource must meet all. A value may list
 * alternatives separated by commas and hold {@code *} and {@code ?}; a word without {@code =} is a condition on the first
 * column. A cell of several lines meets a condition with any of them.
 */
public final class Filter {
    private record Condition(String column, List<String> patterns) {}

    private final Columns columns;
    private final List<Condition> conditions = new ArrayList<>();

    /** The conditions that words on a command line state. */
    public Filter(Columns columns, List<String> words) {
        this.columns = columns;
        for (String word : words) {
            int equals = word.indexOf('=');
            String column = equals < 0 ? columns.all().getFirst() : word.substring(0, equals);
            if (!columns.all().contains(column)) {
                String near = Nearest.to(column, columns.all());
                throw new UsageException(
                        "there is no column \"" + column + "\" to filter by" + (near == null ? "" : "; did you mean " + near + "?"),
                        "COLUMN=VALUE with one of " + String.join(", ", columns.all()));
            }
            conditions.add(new Condition(column, List.of(word.substring(equals + 1).split(",", -1))));
        }
    }

    /** Those of {@code rows} that meet all conditions. */
    public List<JsonValue> apply(List<JsonValue> rows) {
        if (conditions.isEmpty()) {
            return rows;
        }
        List<JsonValue> met = new ArrayList<>();
        for (JsonValue row : rows) {
            if (meets(row)) {
                met.add(row);
            }
        }
        return met;
    }

    private boolean meets(JsonValue row) {
        for (Condition condition : conditions) {
            boolean any = false;
            for (String value : columns.cell(row, condition.column).split("\n", -1)) {
                for (String pattern : condition.patterns) {
                    any |= matches(pattern, value);
                }
            }
            if (!any) {
                return false;
            }
        }
        return true;
    }

    /** Matches with one point of return, the last {@code *}, so that no pattern takes more than its length times the value's. */
    static boolean matches(String pattern, String value) {
        int p = 0;
        int v = 0;
        int star = -1;
        int mark = 0;
        while (v < value.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = v;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == value.charAt(v))) {
                p++;
                v++;
            } else if (star >= 0) {
                p = star + 1;
                v = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
