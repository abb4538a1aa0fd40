package trefoil.cli.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.api.Finding;
import trefoil.cli.output.FindingColumns;
import trefoil.cli.output.Format;
import trefoil.cli.output.Listing;
import trefoil.cli.output.Safe;

/** {@code trefoil doctor}. */
@Command(
        sortOptions = false,
        description = {"Looks for what keeps this host from running servers well.", "", "Exit code 1 when there is an error among the findings."})
public final class DoctorCommand extends Subcommand {
    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "text, table, compact, csv, json or yaml; text where not set.")
    private String format = "text";

    @Override
    protected int run() throws IOException {
        Format chosen = format.equals("text") ? null : Format.of(format);
        List<Finding> findings = session().daemon().doctor();
        if (chosen == null) {
            findings.forEach(this::print);
        } else {
            new Listing<>(Finding.class, new FindingColumns()).print(session().out(), chosen, null, findings);
        }
        return findings.stream().anyMatch(finding -> "error".equals(finding.level())) ? 1 : 0;
    }

    private void print(Finding finding) {
        PrintStream out = session().out();
        String level = String.valueOf(finding.level());
        String padded = level + " ".repeat(Math.max(0, 8 - level.length()));
        out.println((session().colourOut() ? colour(level) + padded + "\033[0m" : padded) + " " + Safe.line(finding.check()) + ": "
                + Safe.line(finding.message()));
        if (finding.next() != null && !"ok".equals(level)) {
            out.println("         try: " + Safe.line(finding.next()));
        }
    }

    private static String colour(String level) {
        return switch (level) {
            case "ok" -> "\033[32m";
            case "warning" -> "\033[33m";
            default -> "\033[31m";
        };
    }
}
