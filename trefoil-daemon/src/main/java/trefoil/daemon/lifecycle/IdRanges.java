package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;

/**
 * Ranges of 65,536 host ids for servers: below 2³¹, apart from one another, from what {@code /etc/subuid} and
 * {@code /etc/subgid} (subuid(5)) have given to users, and from the ids of {@code /etc/passwd} and {@code /etc/group}.
 */
public final class IdRanges {
    /** Ids in one range. */
    public static final int SIZE = 65_536;

    private record Range(long first, long count) {
        boolean meets(long other) {
            return first < other + SIZE && other < first + count;
        }
    }

    private final int first;
    private final List<Range> foreign;

    /** @param first first id of the first range @param etc the directory of the host's files */
    public IdRanges(int first, Path etc) throws IOException {
        this.first = first;
        List<Range> ranges = new ArrayList<>();
        for (String name : List.of("subuid", "subgid")) {
            ranges.addAll(read(etc.resolve(name), 1, 2));
        }
        for (String name : List.of("passwd", "group")) {
            ranges.addAll(read(etc.resolve(name), 2, -1));
        }
        ranges.removeIf(range -> range.first() + range.count() <= first);
        this.foreign = List.copyOf(ranges);
    }

    private static List<Range> read(Path file, int firstField, int countField) throws IOException {
        List<Range> ranges = new ArrayList<>();
        if (!Files.exists(file)) {
            return ranges;
        }
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            String[] fields = line.split(":");
            if (fields.length > Math.max(firstField, countField)) {
                try {
                    long count = countField < 0 ? 1 : Long.parseLong(fields[countField].strip());
                    ranges.add(new Range(Long.parseLong(fields[firstField].strip()), count));
                } catch (NumberFormatException e) {
                    // a comment or a line that shadow-utils would pass over too
                }
            }
        }
        return ranges;
    }

    /** The lowest free range. */
    public int choose(Set<Integer> taken) {
        for (long base = first; base + SIZE <= Integer.MAX_VALUE; base += SIZE) {
            long candidate = base;
            if (!taken.contains((int) base) && foreign.stream().noneMatch(range -> range.meets(candidate))) {
                return (int) base;
            }
        }
        throw new ApiException(
                ErrorCode.INSUFFICIENT_RESOURCES,
                "no range of " + SIZE + " user ids is free between " + first + " and " + Integer.MAX_VALUE,
                "delete servers, or lower ids.first in trefoil.conf");
    }

    /** How many ranges there are in all, those of servers included. */
    public int count() {
        return (Integer.MAX_VALUE - first) / SIZE;
    }
}
