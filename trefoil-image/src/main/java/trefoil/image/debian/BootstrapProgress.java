package trefoil.image.debian;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import trefoil.image.Progress;

/**
 * Reads what mmdebstrap and apt say and tells how far they are: bytes fetched of those announced ({@code Need to get}),
 * packages set up of those announced ({@code newly installed}). apt works in two rounds, the essential packages first.
 * Not thread-safe.
 */
final class BootstrapProgress {
    private static final Pattern GET = Pattern.compile("Get:\\d+ .*\\[([\\d.,]+) ?([kMG]?B)]");
    private static final Pattern NEED = Pattern.compile("Need to get ([\\d.,]+) ?([kMG]?B)(?:/[\\d.,]+ ?[kMG]?B)? of archives.*");
    private static final Pattern NEW = Pattern.compile("\\d+ upgraded, (\\d+) newly installed.*");
    private static final Pattern SET_UP = Pattern.compile("Setting up (\\S+) .*");
    private static final int TAIL = 12;

    private final Progress progress;
    private final Deque<String> tail = new ArrayDeque<>();
    private boolean listing = true;
    private long fetched;
    private long toFetch;
    private int packages;
    private int setUp;

    BootstrapProgress(Progress progress) {
        this.progress = progress;
    }

    /** Takes the next line of output. */
    void line(String line) {
        remember(line);
        Matcher get = GET.matcher(line);
        Matcher need = NEED.matcher(line);
        Matcher added = NEW.matcher(line);
        if (line.startsWith("I: running apt-get update")) {
            progress.at("fetching package lists", 0, 0, "bytes");
        } else if (line.startsWith("I: downloading packages")) {
            listing = false;
            fetched = 0;
        } else if (get.matches()) {
            fetched += bytes(get.group(1), get.group(2));
            progress.at(listing ? "fetching package lists" : "downloading packages", listing ? fetched : Math.min(fetched, toFetch), listing ? 0 : toFetch, "bytes");
        } else if (need.matches()) {
            toFetch += bytes(need.group(1), need.group(2));
        } else if (added.matches()) {
            packages += Integer.parseInt(added.group(1));
        } else if (packages > 0 && SET_UP.matcher(line).matches()) {
            setUp++;
            progress.at("installing packages", Math.min(setUp, packages), packages, "packages");
        } else if (line.startsWith("I: running --customize-hook")) {
            progress.at("configuring", 0, 0, "");
        }
    }

    private void remember(String line) {
        boolean telling = line.startsWith("E: ") || line.startsWith("W: ") || line.startsWith("Err:") || !line.startsWith("Get:");
        if (telling && !line.isBlank()) {
            tail.addLast(line.length() > 300 ? line.substring(0, 300) : line);
            if (tail.size() > TAIL) {
                tail.removeFirst();
            }
        }
    }

    /** apt counts in powers of 1000 and rounds; so the sums are as exact as its words. */
    private static long bytes(String number, String unit) {
        double value = Double.parseDouble(number.replace(",", ""));
        return Math.round(value * switch (unit) {
            case "kB" -> 1e3;
            case "MB" -> 1e6;
            case "GB" -> 1e9;
            default -> 1;
        });
    }

    /** The last lines, errors among them. */
    List<String> tail() {
        return List.copyOf(tail);
    }
}
