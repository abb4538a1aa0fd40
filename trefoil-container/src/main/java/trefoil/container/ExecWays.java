package trefoil.container;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import trefoil.linux.program.ProgramImage;

/** Ways into containers, each laid out once: they differ by a host's control groups, by CPUs and by nesting only. Thread-safe. */
final class ExecWays {
    private static final int MOST = 64;
    private final Map<ExecProgram.Way, ProgramImage> laid = new ConcurrentHashMap<>();

    /** The way in, laid out. */
    ProgramImage way(ExecProgram.Way way) {
        ProgramImage known = laid.get(way);
        if (known != null) {
            return known;
        }
        ProgramImage made = ExecProgram.way(way);
        if (laid.size() < MOST) {
            laid.put(way, made);
        }
        return made;
    }
}
