package trefoil.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Where log records go: to standard error with the priority prefix that journald reads (sd-daemon(3), {@code <4>…}), and
 * to a file that is renamed to {@code .1} when it grows beyond a bound. A daemon whose standard error already is that
 * file (the command line starts it so) writes only to the file.
 */
final class DaemonLog extends Handler {
    private static final long LARGEST = 4 << 20;

    private final Path file;
    private final boolean standardError;
    private OutputStream out;
    private long size;

    private DaemonLog(Path file) throws IOException {
        this.file = file;
        this.standardError = !standardErrorIs(file);
        open();
    }

    /** Makes it the one handler of this process's log. */
    static DaemonLog install(Path file) throws IOException {
        DaemonLog log = new DaemonLog(file);
        Logger root = Logger.getLogger("");
        for (Handler other : root.getHandlers()) {
            root.removeHandler(other);
        }
        root.addHandler(log);
        root.setLevel(Level.INFO);
        Logger.getLogger("org.eclipse.jetty").setLevel(Level.WARNING);
        return log;
    }

    private static boolean standardErrorIs(Path file) throws IOException {
        Path stderr = Path.of("/proc/self/fd/2");
        return Files.exists(file) && Files.exists(stderr) && Files.isSameFile(stderr, file);
    }

    private void open() throws IOException {
        out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        size = Files.size(file);
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        if (!isLoggable(entry) || out == null) {
            return;
        }
        String text = text(entry);
        if (standardError) {
            System.err.print("<" + priority(entry.getLevel()) + ">" + text);
            System.err.flush();
        }
        try {
            byte[] line = (Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + entry.getLevel() + " " + text)
                    .getBytes(StandardCharsets.UTF_8);
            if (size + line.length > LARGEST) {
                turn();
            }
            out.write(line);
            size += line.length;
        } catch (IOException e) {
            reportError("cannot write " + file, e, java.util.logging.ErrorManager.WRITE_FAILURE);
        }
    }

    private void turn() throws IOException {
        out.close();
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        open();
    }

    private static String text(LogRecord entry) {
        StringWriter text = new StringWriter();
        text.append(new java.util.logging.SimpleFormatter().formatMessage(entry)).append('\n');
        if (entry.getThrown() != null) {
            entry.getThrown().printStackTrace(new PrintWriter(text, true));
        }
        return text.toString();
    }

    /** The number of syslog(3) for a level. */
    private static int priority(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return 3;
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return 4;
        }
        return level.intValue() >= Level.INFO.intValue() ? 6 : 7;
    }

    @Override
    public void flush() {}

    @Override
    public synchronized void close() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException e) {
                reportError("cannot close " + file, e, java.util.logging.ErrorManager.CLOSE_FAILURE);
            }
            out = null;
        }
    }
}
