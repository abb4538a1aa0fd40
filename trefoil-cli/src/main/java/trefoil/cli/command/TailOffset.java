package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;

/** Finds where the last lines of a stream begin, holding no more than one number per line asked for. */
final class TailOffset {
    private TailOffset() {}

    /** Octets before the last {@code lines} lines; what stands behind the last line end counts as a line. */
    static long of(InputStream in, int lines) throws IOException {
        // Beginnings of lines, the oldest overwritten: one more than asked for, because the last may have nothing in it.
        long[] starts = new long[Math.min(lines, 10_000_000) + 1];
        long begun = 1;
        long at = 0;
        byte[] buffer = new byte[16 * 1024];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            for (int i = 0; i < n; i++) {
                at++;
                if (buffer[i] == '\n') {
                    starts[(int) (begun++ % starts.length)] = at;
                }
            }
        }
        boolean lastIsEmpty = starts[(int) ((begun - 1) % starts.length)] == at;
        if (lines == 0) {
            return at;
        }
        long first = begun - lines - (lastIsEmpty ? 1 : 0);
        return first <= 0 ? 0 : starts[(int) (first % starts.length)];
    }
}
