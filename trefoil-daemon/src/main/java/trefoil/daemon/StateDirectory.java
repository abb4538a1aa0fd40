package trefoil.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Where the daemon keeps things; see the package's description for what lies where.
 *
 * @param state what must survive a reboot
 * @param run what must not
 * @param configuration the configuration file; it need not exist
 * @param tag keeps cgroups, bridges and tables of several daemons on one host apart: empty for the host's own, else the
 *     first six hexadecimal digits of SHA-256 over the absolute state directory
 */
public record StateDirectory(Path state, Path run, Path configuration, String tag) {
    /** Longest path of a Unix socket, unix(7): {@code sun_path} holds 108 octets, the last a zero. */
    private static final int LONGEST_SOCKET_PATH = 107;

    /** The directory that the environment names ({@code TREFOIL_DIR}), or the host's own. */
    public static StateDirectory of(Map<String, String> environment) {
        String named = environment.get("TREFOIL_DIR");
        if (named == null || named.isBlank()) {
            return new StateDirectory(
                    Path.of("/var/lib/trefoil"),
                    Path.of("/run/trefoil"),
                    Path.of("/etc/trefoil/trefoil.conf"),
                    "");
        }
        return at(Path.of(named));
    }

    /** A directory of its own, with its run directory and configuration inside. */
    public static StateDirectory at(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        return new StateDirectory(
                absolute, absolute.resolve("run"), absolute.resolve("trefoil.conf"), tagOf(absolute.toString()));
    }

    private static String tagOf(String directory) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(directory.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 3);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Makes the directories that are missing. The state is root's alone; the run directory lets others reach the socket. */
    public void make() throws IOException {
        if (socket().toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
            throw new IOException("the path " + socket() + " is longer than the " + LONGEST_SOCKET_PATH
                    + " octets of a Unix socket's: choose a shorter TREFOIL_DIR");
        }
        make(state, "rwx--x--x");
        make(run, "rwxr-xr-x");
        make(images(), "rwx--x--x");
        make(servers(), "rwx--x--x");
        make(uploads(), "rwx------");
    }

    private static void make(Path directory, String mode) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }

    /** The socket of the API. */
    public Path socket() {
        return run.resolve("unix.socket");
    }

    /** The lock that the one running daemon holds. */
    public Path lock() {
        return run.resolve("daemon.lock");
    }

    /** The database. */
    public Path database() {
        return state.resolve("trefoil.db");
    }

    /** The daemon's log. */
    public Path log() {
        return state.resolve("daemon.log");
    }

    /** The image store. */
    public Path images() {
        return state.resolve("images");
    }

    /** Archives on their way into the image store. */
    public Path uploads() {
        return state.resolve("uploads");
    }

    /** The directories of all servers. */
    public Path servers() {
        return state.resolve("servers");
    }

    /** The directory of one server. */
    public Path server(String name) {
        return servers().resolve(name);
    }
}
