package trefoil.image.debian;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;

/**
 * A program at work for a build, in a pid and mount namespace of its own: when its starter's thread ends, however that
 * happens, the kernel kills the namespace's first process (PR_SET_PDEATHSIG by {@code setpriv --pdeathsig}, then
 * {@code unshare --kill-child}) and with it all others. It has a session of its own too: mmdebstrap ends its helpers with a
 * signal to its whole process group, which must not be the daemon's (kill(2) reaches a group across pid namespaces). Use it from one platform thread that outlives it.
 */
final class Bootstrap implements AutoCloseable {
    private final Process process;
    private final Thread listener;

    /**
     * @param temporary for its temporary files
     * @param lines told each line of its messages, from a thread of its own
     */
    Bootstrap(List<String> command, Path temporary, Consumer<String> lines) throws IOException {
        List<String> whole = new java.util.ArrayList<>(List.of(
                HostTool.SETSID.path(), HostTool.SETPRIV.path(), "--pdeathsig", "KILL",
                HostTool.UNSHARE.path(), "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"));
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole).redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> !name.matches("(?i)(https?|ftp|all|no)_proxy"));
        environment.putAll(Map.of(
                "PATH", HostTool.searchPath(), "LC_ALL", "C.UTF-8", "HOME", "/root", "TMPDIR", temporary.toString(),
                "DEBIAN_FRONTEND", "noninteractive"));
        process = builder.start();
        listener = Thread.ofVirtual().start(() -> listen(process.getErrorStream(), lines));
    }

    private static void listen(InputStream messages, Consumer<String> lines) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(messages, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.accept(line);
            }
        } catch (IOException ended) {
            lines.accept("E: its messages could not be read: " + ended.getMessage());
        }
    }

    /** What it writes to its standard output. */
    InputStream output() {
        return process.getInputStream();
    }

    /** Waits for its end and for its last line. */
    int waitFor() throws ImageException {
        try {
            int status = process.waitFor();
            listener.join();
            return status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageException(Reason.SOURCE_FAILED, "the build was cancelled", null, e);
        }
    }

    /** Kills it if it still runs, and waits until it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
            listener.join();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
