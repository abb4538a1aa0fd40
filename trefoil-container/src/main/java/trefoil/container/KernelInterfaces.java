package trefoil.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.FileSystems;

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

    /** Magic numbers of linux/magic.h whose files are no files: reading or making them asks the kernel or another process. */
    private static final Set<Long> FILE_SYSTEMS = Set.of(
            0x9FA0L, // proc
            0x62656572L, // sysfs
            0x27E0EBL, // cgroup
            0x63677270L, // cgroup2
            0x64626720L, // debugfs
            0x74726163L, // tracefs
            0x73636673L, // securityfs
            0x62656570L, // configfs
            0xCAFE4A11L, // bpf
            0x42494E4DL, // binfmt_misc
            0x19800202L, // mqueue
            0x1CD1L, // devpts
            0x6165676CL, // pstore
            0xDE5E81E4L, // efivarfs
            0x65735546L); // fuse: a process inside would answer, or not

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

    /** Whether {@code at}, open in any way, lies on a file system whose files answer the host's root otherwise than root inside. */
    static boolean hold(FileDescriptor at) throws ErrnoException {
        return FILE_SYSTEMS.contains(FileSystems.fstatfs(at).type());
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
