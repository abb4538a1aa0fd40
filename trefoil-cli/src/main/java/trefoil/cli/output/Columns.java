package trefoil.cli.output;

import java.util.ArrayList;
import java.util.List;
import trefoil.api.JsonValue;
import trefoil.cli.value.Nearest;
import trefoil.cli.value.UsageException;

/** The columns in which a resource can be listed. */
public interface Columns {
    /** Every column, by its word; the first names the resource. */
    List<String> all();

    /** The columns shown when none are chosen. */
    List<String> standard();

    /** What a column shows of a resource as the API tells it; lines of it are separated by {@code \n}. */
    String cell(JsonValue row, String column);

    /** The columns that {@code -c} names, separated by commas; {@code +} before the first adds them to the standard ones. */
    default List<String> choose(String chosen) {
        if (chosen == null) {
            return standard();
        }
        boolean more = chosen.startsWith("+");
        List<String> columns = more ? new ArrayList<>(standard()) : new ArrayList<>();
        for (String word : (more ? chosen.substring(1) : chosen).split(",", -1)) {
            columns.add(known(word.strip()));
        }
        return columns;
    }

    private String known(String word) {
        if (all().contains(word)) {
            return word;
        }
        String near = Nearest.to(word, all());
        throw new UsageException(
                "there is no column \"" + word + "\"" + (near == null ? "" : "; did you mean " + near + "?"),
                "-c with some of " + String.join(",", all()));
    }

    /** What a member says, or nothing. */
    static String text(JsonValue row, String member) {
        String text = row == null ? null : row.string(member);
        return text == null ? "" : text;
    }

    /** A member's elements, one a line. */
    static String lines(JsonValue row, String member) {
        JsonValue list = row.member(member);
        StringBuilder text = new StringBuilder();
        if (list != null) {
            for (JsonValue element : list.elements()) {
                text.append(text.isEmpty() ? "" : "\n").append(element.string());
            }
        }
        return text.toString();
    }
}
