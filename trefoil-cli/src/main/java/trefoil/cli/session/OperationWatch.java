package trefoil.cli.session;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import trefoil.api.ApiException;
import trefoil.api.Operation;
import trefoil.api.Progress;
import trefoil.cli.output.Safe;
import trefoil.cli.value.Size;

/**
 * Waits for an operation and shows where it stands: on a terminal one line that is drawn anew, with a bar where the total
 * is known; elsewhere one plain line for each phase that is new.
 */
public final class OperationWatch {
    private static final int BAR = 24;

    /** Exit code of a process that SIGINT ended: 128 + 2. */
    private static final int INTERRUPTED = 130;

    private final Session session;
    private final String prefix;
    private final boolean drawn;
    private final Set<String> phases = new HashSet<>();
    private boolean lineOpen;

    /** A watch whose lines begin with {@code prefix}, such as a server's name. */
    public OperationWatch(Session session, String prefix) {
        this.session = session;
        this.prefix = prefix;
        this.drawn = session.terminals().err() && !"dumb".equals(session.environment().get("TERM"));
    }

    /**
     * Waits until the operation is over; a failed one is thrown.
     *
     * @param limit longest wait, {@code null} for none
     * @return how it ended, or how it stands when {@code limit} passed
     */
    public Operation await(Operation operation, Duration limit) throws IOException {
        cancelAtInterrupt(operation.id());
        try {
            Operation last = session.daemon().await(operation, limit, this::show);
            if (last.done() && last.error() != null) {
                throw new ApiException(last.error());
            }
            return last;
        } finally {
            clear();
        }
    }

    /** The first Ctrl-c asks the daemon to cancel the operation, the second ends this process and leaves the operation alone. */
    private void cancelAtInterrupt(String id) {
        if (!session.handlesSignals()) {
            return;
        }
        AtomicBoolean asked = new AtomicBoolean();
        Signals.handle("INT", () -> {
            if (!asked.compareAndSet(false, true)) {
                Runtime.getRuntime().halt(INTERRUPTED);
            }
            try {
                session.daemon().cancel(id);
                session.say("\ncancelling; Ctrl-c again to leave it to the daemon");
            } catch (ApiException e) {
                session.say("\n" + e.getMessage() + "; Ctrl-c again to leave it to the daemon");
            } catch (IOException e) {
                session.say("\n" + IoWords.of(e));
            }
            session.err().flush();
        });
    }

    private void show(Operation operation) {
        Progress progress = operation.progress();
        if (progress == null || operation.done() || session.verbosity() == Session.Verbosity.QUIET) {
            return;
        }
        String now = Safe.line(progress.phase());
        if (drawn) {
            draw(now, progress);
        } else if (phases.add(now)) {
            session.say(prefix + ": " + now);
            session.err().flush();
        }
    }

    private void draw(String words, Progress progress) {
        PrintStream err = session.err();
        err.print("\r\033[K" + prefix + ": " + words + " " + amount(progress));
        err.flush();
        lineOpen = true;
    }

    private static String amount(Progress progress) {
        boolean bytes = "bytes".equals(progress.unit());
        if (progress.total() <= 0) {
            return progress.done() <= 0 ? "" : bytes ? Size.show(progress.done()) : progress.done() + " " + unit(progress);
        }
        int filled = (int) (BAR * Math.clamp((double) progress.done() / progress.total(), 0.0, 1.0));
        String bar = "[" + "#".repeat(filled) + "-".repeat(BAR - filled) + "] ";
        return bytes
                ? bar + Size.show(progress.done()) + " of " + Size.show(progress.total())
                : bar + progress.done() + "/" + progress.total() + " " + unit(progress);
    }

    private static String unit(Progress progress) {
        return progress.unit() == null ? "" : Safe.line(progress.unit());
    }

    private void clear() {
        if (lineOpen) {
            session.err().print("\r\033[K");
            session.err().flush();
            lineOpen = false;
        }
    }
}
