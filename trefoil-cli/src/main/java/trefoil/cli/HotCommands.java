package trefoil.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import trefoil.cli.catalogue.Overview;
import trefoil.cli.command.Information;
import trefoil.cli.command.Version;
import trefoil.cli.output.Format;
import trefoil.cli.output.ServerColumns;
import trefoil.cli.output.ServerFilter;
import trefoil.cli.session.Session;
import trefoil.cli.value.UsageException;
import trefoil.client.TrefoilClient;

/**
 * The commands that people and scripts run all day, answered without loading picocli. A command line that these few lines
 * do not understand, {@code --help} among them, is left to picocli by answering {@link #NOT_HERE}.
 */
final class HotCommands {
    /** The command is not one of these. */
    static final int NOT_HERE = -1;

    private HotCommands() {}

    static int run(Session session, String word, String[] args) throws IOException {
        return switch (word) {
            case "list", "ls" -> list(session, args);
            case "info" -> info(session, args);
            case "version", "--version", "-V" -> version(session, args);
            default -> NOT_HERE;
        };
    }

    /** {@code trefoil} alone. */
    static int nothing(Session session) {
        Overview.print(session.err());
        return Main.USAGE;
    }

    private static int list(Session session, String[] args) throws IOException {
        String format = "table";
        String columns = null;
        List<String> filters = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            boolean valued = arg.equals("-f") || arg.equals("--format") || arg.equals("-c") || arg.equals("--columns");
            if (valued && i + 1 < args.length) {
                i++;
                if (arg.endsWith("f") || arg.endsWith("t")) {
                    format = args[i];
                } else {
                    columns = args[i];
                }
            } else if (arg.startsWith("--format=")) {
                format = arg.substring("--format=".length());
            } else if (arg.startsWith("--columns=")) {
                columns = arg.substring("--columns=".length());
            } else if (!arg.startsWith("-")) {
                filters.add(arg);
            } else if (!GlobalFlags.apply(session, arg)) {
                return NOT_HERE;
            }
        }
        list(session, format, columns, filters);
        return 0;
    }

    /** {@code trefoil list}. */
    static void list(Session session, String format, String columns, List<String> filters) throws IOException {
        Format chosen = Format.of(format);
        ServerFilter filter = new ServerFilter(filters);
        ServerColumns.LISTING.columns().choose(columns);
        TrefoilClient daemon = session.daemon();
        ServerColumns.LISTING.print(session.out(), chosen, columns, filter.apply(daemon.servers()));
    }

    private static int info(Session session, String[] args) throws IOException {
        String name = null;
        for (String arg : args) {
            if (!GlobalFlags.apply(session, arg)) {
                if (arg.startsWith("-") || name != null) {
                    return NOT_HERE;
                }
                name = arg;
            }
        }
        Information.print(session, name);
        return 0;
    }

    private static int version(Session session, String[] args) {
        for (String arg : args) {
            if (arg.startsWith("-") && !GlobalFlags.apply(session, arg)) {
                return NOT_HERE;
            }
            if (!arg.startsWith("-")) {
                throw new UsageException("version takes no arguments", "trefoil version");
            }
        }
        Version.print(session);
        return 0;
    }
}
