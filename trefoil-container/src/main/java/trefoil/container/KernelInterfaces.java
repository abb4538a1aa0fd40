package trefoil.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of the kernel that a container has no business with. They belong to the host's root, whom nobody inside can
 * become, so the kernel refuses what matters by itself; covering them keeps what is readable out of sight. What covers
 * them comes from the host, never from a path inside (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881).
 */
final class KernelInterfaces {
    private static final List<String> FILES = List.of(
            "/proc/kcore",
            "/proc/keys",
            "/proc/timer_list",
            "/proc/sched_debug",
            "/proc/sysrq-trigger",
            "/proc/latency_stats");
    private static final List<String> DIRECTORIES = List.of(
            "/proc/acpi",
            "/proc/scsi",
            "/proc/asound",
            "/sys/firmware",
            "/sys/kernel/debug",
            "/sys/kernel/tracing",
            "/sys/kernel/security");

    private final List<String> files;
    private final List<String> directories;

    private KernelInterfaces(List<String> files, List<String> directories) {
        this.files = files;
        this.directories = directories;
    }

    /** Those that this kernel has. */
    static KernelInterfaces ofThisKernel() {
        return new KernelInterfaces(present(FILES), present(DIRECTORIES));
    }

    /** All that are known. */
    static KernelInterfaces all() {
        return new KernelInterfaces(FILES, DIRECTORIES);
    }

    private static List<String> present(List<String> paths) {
        return paths.stream().filter(path -> Files.exists(Path.of(path))).toList();
    }

    /** Files to cover with {@code /dev/null}. */
    List<String> files() {
        return files;
    }

    /** Directories to cover with an empty one. */
    List<String> directories() {
        return directories;
    }
}
