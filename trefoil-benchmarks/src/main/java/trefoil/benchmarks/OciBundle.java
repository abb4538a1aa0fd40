package trefoil.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The {@code config.json} of an OCI bundle (runtime specification 1.0.2) at the isolation of a Trefoil server: all
 * namespaces with an id range of its own, a seccomp allow list, limits of memory and processes, masked kernel interfaces.
 */
final class OciBundle {
    private OciBundle() {}

    /**
     * @param rootfs absolute
     * @param group path of its cgroup
     */
    static String config(Path rootfs, String group, String hostname, List<String> command) throws IOException {
        return """
                {
                  "ociVersion": "1.0.2",
                  "process": {
                    "terminal": false,
                    "user": {"uid": 0, "gid": 0},
                    "args": [%1$s],
                    "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
                    "cwd": "/",
                    "capabilities": {"bounding": [%5$s], "effective": [%5$s], "permitted": [%5$s]},
                    "noNewPrivileges": false
                  },
                  "root": {"path": %2$s, "readonly": false},
                  "hostname": %3$s,
                  "mounts": [
                    {"destination": "/proc", "type": "proc", "source": "proc"},
                    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
                    {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
                    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
                    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
                    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}
                  ],
                  "linux": {
                    "cgroupsPath": %4$s,
                    "resources": {"pids": {"limit": 1024}, "memory": {"limit": 268435456}},
                    "namespaces": [{"type": "user"}, {"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}, {"type": "network"}, {"type": "cgroup"}],
                    "uidMappings": [{"containerID": 0, "hostID": %6$d, "size": %7$d}],
                    "gidMappings": [{"containerID": 0, "hostID": %6$d, "size": %7$d}],
                    "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
                    "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
                    "seccomp": {
                      "defaultAction": "SCMP_ACT_ERRNO",
                      "architectures": ["SCMP_ARCH_X86_64"],
                      "syscalls": [{"names": [%8$s], "action": "SCMP_ACT_ALLOW"}]
                    }
                  }
                }
                """.formatted(quoted(command), quoted(rootfs.toString()), quoted(hostname), quoted(group),
                quoted(List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_NET_ADMIN", "CAP_SYS_ADMIN")),
                Peers.FIRST_ID, Peers.IDS, quoted(systemCalls()));
    }

    /** Names of the calls that are allowed, those that libseccomp 2.5 knows. */
    static List<String> systemCalls() throws IOException {
        try (InputStream in = OciBundle.class.getResourceAsStream("syscalls.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
        }
    }

    private static String quoted(List<String> words) {
        return words.stream().map(OciBundle::quoted).collect(Collectors.joining(", "));
    }

    /** A JSON string (RFC 8259, section 7). */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"', '\\' -> json.append('\\').append(c);
                default -> json.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        return json.append('"').toString();
    }
}
