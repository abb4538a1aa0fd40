package trefoil.client;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a daemon keeps its state and listens.
 *
 * @param state state directory, absolute
 * @param run directory of the socket, absolute
 */
public record DaemonPlace(Path state, Path run) {
    /** Environment variable that names the state directory of a daemon other than the host's own. */
    public static final String VARIABLE = "TREFOIL_DIR";

    /**
     * The place that an environment names: {@code $TREFOIL_DIR} with its {@code run} directory, or else
     * {@code /var/lib/trefoil} with {@code /run/trefoil}.
     */
    public static DaemonPlace of(Map<String, String> environment) {
        String directory = environment.get(VARIABLE);
        if (directory == null || directory.isBlank()) {
            return new DaemonPlace(Path.of("/var/lib/trefoil"), Path.of("/run/trefoil"));
        }
        Path state = Path.of(directory).toAbsolutePath().normalize();
        return new DaemonPlace(state, state.resolve("run"));
    }

    /** The Unix socket of the API. */
    public Path socket() {
        return run.resolve("unix.socket");
    }

    /** The file that the running daemon holds locked and that tells its process id. */
    public Path lock() {
        return run.resolve("daemon.lock");
    }

    /** The daemon's log. */
    public Path log() {
        return state.resolve("daemon.log");
    }
}
