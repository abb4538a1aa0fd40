package trefoil.container;

import java.io.IOException;
import java.nio.file.Path;
import trefoil.linux.cgroup.Cgroup;
import trefoil.linux.cgroup.CgroupCpu;
import trefoil.linux.cgroup.CgroupMemory;

/**
 * The figures of one server behind its /proc. Asked on one thread, which all servers share: must not wait for anything
 * but the kernel.
 */
public interface ViewSource {
    /** Its memory, and the caps on it. */
    CgroupMemory memory() throws IOException;

    /** CPU time it has used since it was started. */
    CgroupCpu cpu() throws IOException;

    /** Its CPU cap; {@code null} for none. */
    Double cpuCap() throws IOException;

    /** Processes and threads; −1 unknown. */
    long tasks() throws IOException;

    /** Microseconds since its start in which some task waited for {@code cpu} or {@code io}; −1 unknown. */
    long stalledMicros(String resource) throws IOException;

    /** When process 1 started, milliseconds since the epoch. */
    long startedAt();

    /** Its {@code boot_id}, a UUID; the same as long as it runs. */
    String bootId();

    /**
     * The figures of a group.
     *
     * @param directory the container's own
     */
    static ViewSource of(Cgroup group, long startedAt, Path directory) {
        return new ViewSource() {
            @Override
            public CgroupMemory memory() throws IOException {
                return group.memory();
            }

            @Override
            public CgroupCpu cpu() throws IOException {
                return group.cpu();
            }

            @Override
            public Double cpuCap() throws IOException {
                return group.cpuCap();
            }

            @Override
            public long tasks() throws IOException {
                return group.tasks();
            }

            @Override
            public long stalledMicros(String resource) throws IOException {
                return group.pressure(resource).total();
            }

            @Override
            public long startedAt() {
                return startedAt;
            }

            @Override
            public String bootId() {
                return BootId.of(directory, startedAt);
            }
        };
    }
}
