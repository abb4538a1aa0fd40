package trefoil.container;

import java.io.IOException;
import trefoil.linux.cgroup.CgroupCpu;

/**
 * A server's {@code /proc/cpuinfo}, {@code /proc/stat} and {@code /sys/devices/system/cpu/online}, proc_cpuinfo(5),
 * proc_stat(5) and sysfs-devices-system-cpu.
 */
final class CpuView {
    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on x86-64

    private final ViewSource source;
    private final ProcView.HostFiles host;

    // Of stat(), which one thread calls: idle time never falls, though the cap may.
    private long idle = -1;
    private long idleAt;
    private long usedThen;
    private long mostTasks;

    CpuView(ViewSource source, ProcView.HostFiles host) {
        this.source = source;
        this.host = host;
    }

    /** The cap rounded up, at most the host's. */
    private int cpus(int hostCpus) throws IOException {
        Double cap = source.cpuCap();
        return cap == null ? hostCpus : Math.clamp((long) Math.ceil(cap - 1e-9), 1, hostCpus);
    }

    private int cpus() throws IOException {
        return cpus(size(host.read("/sys/devices/system/cpu/online").strip()));
    }

    /** How many a list such as {@code 0-3,6} has. */
    static int size(String list) {
        int size = 0;
        for (String range : list.split(",")) {
            String[] ends = range.split("-");
            size += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
        }
        return size;
    }

    String range() throws IOException {
        int cpus = cpus();
        return cpus == 1 ? "0\n" : "0-" + (cpus - 1) + "\n";
    }

    /** The host's first CPUs, renumbered from 0, in one package of as many cores. */
    String cpuinfo() throws IOException {
        int cpus = cpus();
        StringBuilder text = new StringBuilder();
        int number = 0;
        for (String processor : host.read("/proc/cpuinfo").split("\n\n")) {
            if (number == cpus) {
                break;
            }
            for (String line : processor.strip().split("\n")) {
                text.append(renumbered(line, number, cpus)).append('\n');
            }
            text.append('\n');
            number++;
        }
        return text.toString();
    }

    private static String renumbered(String line, int number, int cpus) {
        int colon = line.indexOf(':');
        String key = colon < 0 ? line : line.substring(0, colon).strip();
        String start = colon < 0 ? line : line.substring(0, colon + 1) + " ";
        return switch (key) {
            case "processor", "core id", "apicid", "initial apicid" -> start + number;
            case "physical id" -> start + 0;
            case "siblings", "cpu cores" -> start + cpus;
            default -> line;
        };
    }

    String stat() throws IOException {
        int cpus = cpus();
        long age = Math.max(0, System.currentTimeMillis() - source.startedAt()) * 1_000_000;
        CgroupCpu used = source.cpu();
        long idleNow = idle(cpus, age, used.total());
        mostTasks = Math.max(mostTasks, source.tasks());
        StringBuilder text = new StringBuilder(512);
        times(text, "cpu ", used.user(), used.system(), idleNow);
        for (int i = 0; i < cpus; i++) {
            times(text, "cpu" + i, used.user() / cpus, used.system() / cpus, idleNow / cpus);
        }
        text.append("intr 0\nctxt 0\nbtime ").append(source.startedAt() / 1000);
        text.append("\nprocesses ").append(mostTasks);
        text.append("\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
        return text.toString();
    }

    private long idle(int cpus, long age, long used) {
        if (idle < 0) {
            idle = Math.max(0, cpus * age - used);
        } else {
            idle += Math.max(0, cpus * (age - idleAt) - (used - usedThen));
        }
        idleAt = age;
        usedThen = used;
        return idle;
    }

    /** user nice system idle iowait irq softirq steal guest guest_nice. */
    private static void times(StringBuilder text, String cpu, long user, long system, long idle) {
        text.append(cpu).append(' ').append(user / NANOS_PER_TICK);
        text.append(" 0 ").append(system / NANOS_PER_TICK);
        text.append(' ').append(idle / NANOS_PER_TICK).append(" 0 0 0 0 0 0\n");
    }
}
