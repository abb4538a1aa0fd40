package trefoil.linux.cgroup;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where this host has mounted which hierarchy, from {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)).
 *
 * @param controllers version 1 hierarchies by controller, of those that Trefoil uses
 * @param unified the cgroup2 hierarchy; {@code null} where it is not mounted
 */
record CgroupMounts(Map<String, Path> controllers, Path unified) {
    /** The controllers that limit servers. */
    static final List<String> USED = List.of("memory", "cpu", "pids", "blkio");

    static CgroupMounts parse(String mountinfo) {
        Map<String, Path> controllers = new LinkedHashMap<>();
        Path unified = null;
        for (String line : mountinfo.split("\n")) {
            String[] sides = line.split(" - ", 2);
            String[] left = sides[0].split(" ");
            String[] right = sides.length < 2 ? new String[0] : sides[1].split(" ");
            if (left.length < 5 || right.length < 3) {
                continue;
            }
            Path mountPoint = Path.of(unescape(left[4]));
            if (right[0].equals("cgroup2") && unified == null) {
                unified = mountPoint;
            } else if (right[0].equals("cgroup")) {
                List<String> options = Arrays.asList(right[2].split(","));
                USED.stream().filter(options::contains).forEach(used -> controllers.putIfAbsent(used, mountPoint));
            }
        }
        return new CgroupMounts(controllers, unified);
    }

    /** Blanks and backslashes in mountinfo stand as three octal digits. */
    private static String unescape(String path) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) == '\\' && i + 4 <= path.length()) {
                plain.append((char) Integer.parseInt(path, i + 1, i + 4, 8));
                i += 3;
            } else {
                plain.append(path.charAt(i));
            }
        }
        return plain.toString();
    }
}
