package trefoil.cli.command;

import picocli.CommandLine.Option;
import trefoil.cli.output.Format;

/** {@code -f} and {@code -c} of every command that lists. */
final class FormatOptions {
    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "table, compact, csv, json or yaml; table where not set.")
    private String format = "table";

    @Option(
            names = {"-c", "--columns"},
            paramLabel = "COLUMNS",
            description = "Columns, separated by commas; + before the first adds them to the usual ones.")
    private String columns;

    Format format() {
        return Format.of(format);
    }

    String columns() {
        return columns;
    }
}
