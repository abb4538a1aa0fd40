package trefoil.container;

import java.util.List;
import java.util.Map;

/**
 * What to run inside a container.
 *
 * @param command program (looked up in PATH inside) and arguments
 * @param environment variables beside {@code PATH}, {@code HOME}, {@code USER}, {@code TERM}
 * @param user name or numeric id inside, optionally {@code user:group}
 * @param directory working directory; {@code null} for the user's home
 * @param terminal whether it gets a terminal
 * @param columns width of the terminal
 * @param rows height of the terminal
 */
public record ExecSpec(
        List<String> command,
        Map<String, String> environment,
        String user,
        String directory,
        boolean terminal,
        int columns,
        int rows) {
    private static final int LONGEST_NAME = 256;

    /** The program as messages call it: a long name is cut. */
    public String program() {
        String name = command.getFirst();
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    }
}
