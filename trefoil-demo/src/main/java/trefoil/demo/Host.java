package trefoil.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import trefoil.client.DaemonPlace;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/**
 * The machine that the demo runs on: its Debian packages and its daemon.
 *
 * @param home the distribution
 * @param command the trefoil command as the user typed it, for words of advice
 * @param place where the daemon keeps its state
 * @param messages where progress and advice go
 */
record Host(Path home, String command, DaemonPlace place, PrintStream messages) {
    /** Beside the daemon's state while a daemon runs that the demo started. */
    private static final String MARKER = "demo";

    static Host of(Map<String, String> environment, PrintStream messages) throws DemoException {
        String home = environment.get("TREFOIL_HOME");
        if (home == null) {
            throw new DemoException("TREFOIL_HOME is not set: the demo is started by the trefoil command", "./trefoil demo");
        }
        String command = environment.getOrDefault("TREFOIL_COMMAND", "trefoil");
        return new Host(Path.of(home), command, DaemonPlace.of(environment), messages);
    }

    void say(String message) {
        messages.println(message);
    }

    /** Installs the Debian packages that servers need; the script says which and why. */
    void installPackages() throws DemoException, IOException, InterruptedException {
        if (run(List.of(home.resolve("share/packages.sh").toString(), "demo")) != 0) {
            throw new DemoException("Debian packages that servers need are missing", command + " demo, as root and with the package mirror in reach");
        }
    }

    /** Only root may make namespaces with id ranges, bridges and mounts of the host. */
    void requireRoot() throws DemoException, IOException {
        Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (!Integer.valueOf(0).equals(uid)) {
            throw new DemoException("the demo needs root: it installs packages and starts the daemon, which makes namespaces, bridges and mounts", "sudo " + command + " demo");
        }
    }

    boolean daemonRuns() throws IOException {
        try (TrefoilClient client = client()) {
            client.host();
            return true;
        } catch (DaemonUnreachableException e) {
            if (e.startable()) {
                return false;
            }
            throw e;
        }
    }

    /** Starts the daemon, unless one runs, by the command line, which says so. */
    void startDaemon() throws DemoException, IOException, InterruptedException {
        if (!daemonRuns() && run(List.of(home.resolve("bin/trefoil").toString(), "list")) != 0) {
            throw new DemoException("the daemon does not start", "look at the end of " + place.log());
        }
    }

    TrefoilClient client() {
        return new TrefoilClient(place.socket());
    }

    /** Whether the demo brought Trefoil to this machine. */
    boolean marked() {
        return Files.exists(place.state().resolve(MARKER));
    }

    void mark() throws IOException {
        Files.createDirectories(place.state());
        Files.writeString(place.state().resolve(MARKER), "The daemon was started by `trefoil demo`; `trefoil demo --stop` ends it.\n");
    }

    void unmark() throws IOException {
        Files.deleteIfExists(place.state().resolve(MARKER));
    }

    /** Runs a program whose standard output is of no interest; its messages go to the user. */
    private static int run(List<String> program) throws IOException, InterruptedException {
        return new ProcessBuilder(program)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
    }
}
