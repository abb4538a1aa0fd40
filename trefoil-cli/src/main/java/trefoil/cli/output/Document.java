package trefoil.cli.output;

import java.io.PrintStream;
import trefoil.cli.value.UsageException;

/** How one resource is printed whole. */
public enum Document {
    JSON,
    YAML;

    /** The format of a word. */
    public static Document of(String word) {
        return switch (word) {
            case "json" -> JSON;
            case "yaml" -> YAML;
            default -> throw new UsageException("\"" + word + "\" is not a format; there are json and yaml", null);
        };
    }

    /** Prints JSON in this format. */
    public void print(PrintStream out, String json) {
        switch (this) {
            case JSON -> PrettyJson.print(out, json);
            case YAML -> Yaml.print(out, json);
        }
    }
}
