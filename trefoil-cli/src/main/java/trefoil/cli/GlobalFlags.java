package trefoil.cli;

import trefoil.cli.session.Session;
import trefoil.cli.session.Session.Verbosity;

/** Options that every command has, before or after its word. */
final class GlobalFlags {
    private GlobalFlags() {}

    /** Applies {@code flag} if it is one. */
    static boolean apply(Session session, String flag) {
        switch (flag) {
            case "-q", "--quiet" -> session.setVerbosity(Verbosity.QUIET);
            case "-v", "--verbose" -> session.setVerbosity(Verbosity.VERBOSE);
            case "--debug" -> session.setVerbosity(Verbosity.DEBUG);
            default -> {
                return false;
            }
        }
        return true;
    }
}
