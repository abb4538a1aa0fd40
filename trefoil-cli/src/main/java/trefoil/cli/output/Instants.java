package trefoil.cli.output;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** Points in time and spans for people. */
public final class Instants {
    private Instants() {}

    /** Milliseconds since the epoch as local time, such as {@code 2026-03-01 12:30:05}. */
    public static String show(long millis) {
        LocalDateTime local = LocalDateTime.ofInstant(Instant.ofEpochMilli(millis), ZoneId.systemDefault());
        String text = local.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ');
        // ISO 8601 lets LocalDateTime leave out seconds that are zero.
        return text.length() == 16 ? text + ":00" : text;
    }

    /** A span such as {@code 850 ms}, {@code 1.8 s}, {@code 3 min 20 s}, {@code 5 h 2 min}, {@code 12 d 3 h}. */
    public static String span(long millis) {
        if (millis < 1000) {
            return millis + " ms";
        }
        long seconds = millis / 1000;
        if (seconds < 60) {
            return seconds + "." + millis % 1000 / 100 + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds < 86_400
                ? seconds / 3600 + " h " + seconds % 3600 / 60 + " min"
                : seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
    }
}
