package trefoil.cli.catalogue;

import java.io.PrintStream;
import java.util.List;

/** The overview of all commands, or of one group of them. */
public final class Overview {
    private Overview() {}

    public static void print(PrintStream out) {
        StringBuilder text = new StringBuilder("""
                Trefoil runs virtual servers.

                usage: trefoil [-q|-v|--debug] COMMAND [ARGUMENTS]
                """);
        String heading = "";
        for (Catalogue.Entry entry : Catalogue.ALL) {
            if (!entry.group().equals(heading)) {
                heading = entry.group();
                text.append('\n').append(heading).append(":\n");
            }
            append(text, entry);
        }
        text.append("""

                first steps:
                  trefoil launch debian:12 web1      a Debian server named web1
                  trefoil exec web1 -- bash          a shell inside
                  trefoil delete --force web1        and away with it

                trefoil COMMAND --help shows a command in full. TREFOIL_DIR names the state directory of another daemon.
                """);
        out.print(text);
    }

    public static void printGroup(PrintStream out, String group, List<Catalogue.Entry> entries) {
        StringBuilder text = new StringBuilder("usage: trefoil " + group + " COMMAND [ARGUMENTS]\n\n");
        for (Catalogue.Entry entry : entries) {
            append(text, entry);
        }
        out.print(text);
    }

    private static void append(StringBuilder text, Catalogue.Entry entry) {
        String words = entry.words() + (entry.alias() == null ? "" : ", " + entry.alias());
        text.append("  ").append(words).repeat(' ', Math.max(1, 20 - words.length())).append(entry.summary()).append('\n');
    }
}
