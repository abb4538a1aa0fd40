package trefoil.container;

import java.io.IOException;
import java.util.Map;
import trefoil.linux.cgroup.CgroupMemory;
import trefoil.linux.host.Fields;

/** A server's {@code /proc/meminfo} and {@code /proc/swaps}, proc_meminfo(5) and proc_swaps(5). */
final class MemoryView {
    private static final String HOST = "/proc/meminfo";

    private final ViewSource source;
    private final ProcView.HostFiles host;

    MemoryView(ViewSource source, ProcView.HostFiles host) {
        this.source = source;
        this.host = host;
    }

    String meminfo() throws IOException {
        Map<String, Long> hosts = Fields.all(host.read(HOST));
        CgroupMemory memory = source.memory();
        long hostAvailable = bytes(hosts, "MemAvailable");
        long total = Math.min(memory.cap(), bytes(hosts, "MemTotal"));
        long usage = Math.clamp(memory.usage(), 0, total);
        long free = Math.min(total - usage, hostAvailable);
        long pageCache = memory.activeFile() + memory.inactiveFile();
        long available = Math.min(Math.min(total, free + pageCache + memory.slabReclaimable()), hostAvailable + pageCache);
        long swapTotal = Math.min(memory.swapCap(), bytes(hosts, "SwapTotal"));
        long swapFree = Math.min(Math.max(0, swapTotal - memory.swap()), bytes(hosts, "SwapFree"));
        StringBuilder text = new StringBuilder(2048);
        line(text, "MemTotal", total);
        line(text, "MemFree", free);
        line(text, "MemAvailable", available);
        line(text, "Buffers", 0);
        line(text, "Cached", memory.file());
        line(text, "SwapCached", 0);
        line(text, "Active", memory.activeAnonymous() + memory.activeFile());
        line(text, "Inactive", memory.inactiveAnonymous() + memory.inactiveFile());
        line(text, "Active(anon)", memory.activeAnonymous());
        line(text, "Inactive(anon)", memory.inactiveAnonymous());
        line(text, "Active(file)", memory.activeFile());
        line(text, "Inactive(file)", memory.inactiveFile());
        line(text, "Unevictable", memory.unevictable());
        line(text, "Mlocked", memory.unevictable());
        line(text, "SwapTotal", swapTotal);
        line(text, "SwapFree", swapFree);
        line(text, "Dirty", memory.dirty());
        line(text, "Writeback", memory.writeback());
        line(text, "AnonPages", memory.anonymous());
        line(text, "Mapped", memory.mapped());
        line(text, "Shmem", memory.shared());
        line(text, "KReclaimable", memory.slabReclaimable());
        line(text, "Slab", memory.slabReclaimable() + memory.slabUnreclaimable());
        line(text, "SReclaimable", memory.slabReclaimable());
        line(text, "SUnreclaim", memory.slabUnreclaimable());
        line(text, "CommitLimit", total / 2 + swapTotal);
        line(text, "Committed_AS", memory.anonymous() + memory.shared());
        line(text, "VmallocTotal", bytes(hosts, "VmallocTotal"));
        line(text, "VmallocUsed", 0);
        text.append(String.format("%-15s %8d\n", "HugePages_Total:", 0));
        text.append(String.format("%-15s %8d\n", "HugePages_Free:", 0));
        line(text, "Hugepagesize", bytes(hosts, "Hugepagesize"));
        return text.toString();
    }

    private static long bytes(Map<String, Long> hosts, String key) {
        return hosts.getOrDefault(key, 0L) * 1024;
    }

    /** As the kernel's {@code show_val_kb} lays it out: values end in one column, so that the length stays the same. */
    private static void line(StringBuilder text, String key, long bytes) {
        String value = Long.toString(Math.max(0, bytes) / 1024);
        text.append(key).append(':');
        text.repeat(' ', Math.max(1, 15 - key.length()));
        text.repeat(' ', Math.max(0, 8 - value.length()));
        text.append(value).append(" kB\n");
    }

    /** One line for what may be swapped, where anything may; a server has no swap devices of its own. */
    String swaps() throws IOException {
        CgroupMemory memory = source.memory();
        long total = Math.min(memory.swapCap(), bytes(Fields.all(host.read(HOST)), "SwapTotal"));
        String head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        return total == 0
                ? head
                : head + "none\t\t\t\t\tvirtual\t\t" + total / 1024 + "\t\t" + memory.swap() / 1024 + "\t\t0\n";
    }
}
