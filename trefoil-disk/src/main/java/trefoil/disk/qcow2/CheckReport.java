package trefoil.disk.qcow2;

import java.util.List;

/**
 * What a check has found, and not mended.
 *
 * @param corruptions contradictions: data may be lost, or be lost by the next write
 * @param leaks clusters that are counted and not used, which does no harm but to the host's room
 * @param mended faults of both kinds that were put right
 * @param problems the first of them, in words
 * @param clusters of the file that are in use
 */
public record CheckReport(long corruptions, long leaks, long mended, List<String> problems, long clusters) {
    public boolean isClean() {
        return corruptions == 0 && leaks == 0;
    }
}
