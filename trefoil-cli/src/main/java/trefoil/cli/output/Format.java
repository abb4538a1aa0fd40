package trefoil.cli.output;

import trefoil.cli.value.UsageException;

/** How lists are printed. */
public enum Format {
    TABLE,
    COMPACT,
    CSV,
    JSON,
    YAML;

    /** The format of a word. */
    public static Format of(String word) {
        return switch (word) {
            case "table" -> TABLE;
            case "compact" -> COMPACT;
            case "csv" -> CSV;
            case "json" -> JSON;
            case "yaml" -> YAML;
            default -> throw new UsageException(
                    "\"" + word + "\" is not a format; there are table, compact, csv, json and yaml", null);
        };
    }

    /** The format of a word, for what is printed whole or in words: JSON or YAML, {@code null} for {@code text}. */
    public static Format orText(String word) {
        return word.equals("text") ? null : ofWhole(word);
    }

    /** The format of a word, for what is printed whole: JSON or YAML. */
    public static Format ofWhole(String word) {
        return switch (word) {
            case "json" -> JSON;
            case "yaml" -> YAML;
            default -> throw new UsageException("\"" + word + "\" is not a format here; there are json and yaml", null);
        };
    }
}
