package trefoil.vmm.agent;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Commands as lines of the POSIX shell (IEEE 1003.1, "Shell Command Language", 2.2.2: within single quotes every character stands for itself). */
public final class ShellWords {
    private ShellWords() {}

    /** One word. */
    public static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /**
     * A command with its surroundings.
     *
     * @param user whom it runs as; empty or {@code root} for root
     * @param columns of its terminal; 0 for no terminal
     */
    public static String command(List<String> words, Map<String, String> environment, String user, String directory, int columns, int rows) {
        StringBuilder line = new StringBuilder();
        new TreeMap<>(environment).forEach((name, value) -> line.append("export ").append(name).append('=').append(quoted(value)).append("; "));
        line.append("cd ").append(quoted(directory.isEmpty() ? "/root" : directory)).append(" || exit 126; ");
        if (columns > 0) {
            line.append("stty cols ").append(columns).append(" rows ").append(rows).append("; ");
        }
        line.append("exec");
        words.forEach(word -> line.append(' ').append(quoted(word)));
        String whole = user.isEmpty() || user.equals("root") || user.equals("0") ? line.toString() : "exec su -s /bin/sh " + quoted(user) + " -c " + quoted(line.toString());
        return columns == 0 ? whole : terminal(whole);
    }

    /** script(1) gives it one. */
    private static String terminal(String line) {
        return "command -v script >/dev/null || { echo 'there is no script(1) in the guest, which gives a command a terminal: run it without one, or use the console' >&2; exit 126; }; "
                + "exec script -qefc " + quoted(line) + " /dev/null";
    }

    /** On one line of ASCII, as the agent's {@code printf %b} reads it (IEEE 1003.1, printf: {@code \0ooo}). */
    static String line(String command) {
        StringBuilder line = new StringBuilder();
        for (byte octet : command.getBytes(StandardCharsets.UTF_8)) {
            if (octet < ' ' || octet == '\\' || octet == 0x7f) {
                line.append("\\0").append(Integer.toOctalString(octet & 0xff));
            } else {
                line.append((char) octet);
            }
        }
        return line.toString();
    }
}
