package trefoil.demo;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import trefoil.api.Progress;

/**
 * Shows how far several pieces of work are: on a terminal one line each, drawn again in place; elsewhere one line
 * whenever a phase begins. Thread-safe.
 */
final class Board {
    private static final int WIDTH = 24;
    private static final String REDRAW = "\u001b[%dA";
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream messages;
    private final boolean terminal;
    private final Map<String, String> lines = new LinkedHashMap<>();
    private final Map<String, String> phases = new LinkedHashMap<>();
    private int drawn;

    Board(PrintStream messages, boolean terminal) {
        this.messages = messages;
        this.terminal = terminal;
    }

    /** Whether the user looks at a terminal. */
    static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    synchronized void show(String name, Progress progress) {
        if (progress == null) {
            return;
        }
        boolean begins = !progress.phase().equals(phases.put(name, progress.phase()));
        if (terminal) {
            lines.put(name, progress.phase() + bar(progress));
            draw();
        } else if (begins) {
            messages.println(name + ": " + progress.phase());
        }
    }

    synchronized void done(String name, String word) {
        lines.put(name, word);
        if (terminal) {
            draw();
        } else {
            messages.println(name + ": " + word);
        }
    }

    /** Leaves the last state on the screen. */
    synchronized void finish() {
        messages.flush();
    }

    private void draw() {
        StringBuilder text = new StringBuilder();
        if (drawn > 0) {
            text.append(REDRAW.formatted(drawn));
        }
        lines.forEach((name, line) -> text.append(CLEAR_LINE).append("%-14s %s%n".formatted(name, line)));
        drawn = lines.size();
        messages.print(text);
        messages.flush();
    }

    private static String bar(Progress progress) {
        if (progress.total() <= 0) {
            return progress.done() > 0 ? "  " + amount(progress.done(), progress.unit()) : "";
        }
        int filled = Math.clamp(progress.done() * WIDTH / progress.total(), 0, WIDTH);
        return "  [" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] "
                + amount(progress.done(), progress.unit()) + " of " + amount(progress.total(), progress.unit());
    }

    private static String amount(long count, String unit) {
        return "bytes".equals(unit) ? Summary.bytes(count) : count + (unit == null || unit.isEmpty() ? "" : " " + unit);
    }
}
