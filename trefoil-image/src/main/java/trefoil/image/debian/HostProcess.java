package trefoil.image.debian;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;

/**
 * A program of the host at work for a build, in a pid and mount namespace of its own: when its starter's thread ends, however that
 * happens, the kernel kills the namespace's first process (PR_SET_PDEATHSIG by {@code setpriv --pdeathsig}, then
 * {@code unshare --kill-child}) and with it all others. It has a session of its own too: mmdebstrap ends its helpers with a
 * signal to its whole process group, which must not be the daemon's (kill(2) reaches a group across pid namespaces).
 *
 * <p>A message that the disk is full ends it: apt and dpkg would try again for minutes. Use it from one platform thread that
 * outlives it; an interrupt of that thread ends {@link #waitFor} at once, whatever the program is doing.
 */
public final class HostProcess implements AutoCloseable {
    /** What the C library calls ENOSPC. */
    public static final String DISK_FULL = "No space left on device";

    private static final int CLOSE_SECONDS = 30;

    private final Process process;
    private final Thread messages;
    private final Thread output;

    /**
     * @param directory where it works, and for its temporary files
     * @param lines told each line of its messages, from a thread of its own
     * @param output given its standard output, in a thread of its own
     */
    public HostProcess(List<String> command, Path directory, Consumer<String> lines, Consumer<InputStream> output) throws IOException {
        List<String> whole = new ArrayList<>(List.of(
                HostTool.SETSID.path(), HostTool.SETPRIV.path(), "--pdeathsig", "KILL",
                HostTool.UNSHARE.path(), "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"));
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> !name.matches("(?i)(https?|ftp|all|no)_proxy"));
        environment.putAll(Map.of(
                "PATH", HostTool.searchPath(), "LC_ALL", "C.UTF-8", "HOME", "/root", "TMPDIR", directory.toString(),
                "DEBIAN_FRONTEND", "noninteractive"));
        process = builder.start();
        messages = Thread.ofPlatform().daemon().name("messages").start(() -> listen(lines));
        this.output = Thread.ofPlatform().daemon().name("output").start(() -> output.accept(process.getInputStream()));
    }

    private void listen(Consumer<String> lines) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.accept(line);
                if (line.contains(DISK_FULL)) {
                    process.destroyForcibly();
                    return;
                }
            }
        } catch (IOException e) {
            lines.accept("E: its messages end here: " + e.getMessage()); // closed under this reader when it is killed
        }
    }

    /** Waits for its end, its last line and the end of its output. @return its exit status, 128 + the signal that killed it */
    public int waitFor() throws ImageException {
        try {
            int status = process.waitFor();
            messages.join();
            output.join();
            return status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageException(Reason.SOURCE_FAILED, "the build was cancelled", null, e);
        }
    }

    /** Kills it if it still runs, and waits until it is gone with all that it started. */
    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS);
            messages.join(CLOSE_SECONDS * 1000L);
            output.join(CLOSE_SECONDS * 1000L);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
