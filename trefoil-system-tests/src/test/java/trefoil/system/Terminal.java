package trefoil.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A command on a pseudo-terminal, by {@code script(1)}: what it writes is collected, and it is typed at. */
final class Terminal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final StringBuffer screen = new StringBuffer();

    private Terminal(Process process) {
        this.process = process;
        Thread.ofVirtual().start(this::read);
    }

    static Terminal run(ProcessBuilder builder, List<String> words) {
        String line = words.stream().map(word -> "'" + word.replace("'", "'\\''") + "'").collect(Collectors.joining(" "));
        List<String> command = new ArrayList<>(List.of("script", "--quiet", "--flush", "--return", "--command", line, "/dev/null"));
        try {
            builder.environment().put("TERM", "xterm");
            builder.environment().put("SHELL", "/bin/sh");
            return new Terminal(builder.command(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        byte[] buffer = new byte[8192];
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                screen.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            screen.append("\n[reading the terminal failed: ").append(e.getMessage()).append("]\n");
        }
    }

    /** All that was written so far. */
    String screen() {
        return screen.toString();
    }

    /** Waits until {@code text} is on the screen. */
    Terminal shows(String text) {
        return showsAfter(0, text);
    }

    /** Waits until {@code text} is written at or after position {@code from} of {@link #screen}. */
    Terminal showsAfter(int from, String text) {
        try {
            Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> screen.indexOf(text, from) >= 0);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("the terminal does not show \"" + text + "\" but:\n" + screen, e);
        }
        return this;
    }

    /** Types {@code keys}; {@code \r} is the return key. */
    Terminal type(String keys) {
        try {
            process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Waits until the command has ended. */
    int exit() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the command on the terminal does not end; it shows:\n" + screen);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for a command on a terminal", e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
