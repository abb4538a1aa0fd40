package trefoil.linux.cgroup;

import java.io.IOException;
import java.util.Objects;
import trefoil.linux.ErrnoException;
import trefoil.linux.host.Fields;

/** Controller files of a cgroup2 group, cgroup-v2.rst "Controllers". */
final class ControllersV2 implements Limiter {
    private static final long PERIOD = 100_000; // microseconds; the kernel's default

    private final ControlFiles files;

    ControllersV2(ControlFiles files) {
        this.files = files;
    }

    @Override
    public void change(CgroupLimits from, CgroupLimits to) throws IOException {
        if (!Objects.equals(from.cpuWeight(), to.cpuWeight())) {
            set("cpu.weight", to.cpuWeight() == null ? "100" : to.cpuWeight().toString());
        }
        if (!Objects.equals(from.cpuCap(), to.cpuCap())) {
            set("cpu.max", (to.cpuCap() == null ? "max" : Math.round(to.cpuCap() * PERIOD)) + " " + PERIOD);
        }
        if (!Objects.equals(from.pids(), to.pids())) {
            set("pids.max", orMax(to.pids()));
        }
        if (!Objects.equals(from.memoryGuarantee(), to.memoryGuarantee())) {
            set("memory.low", to.memoryGuarantee() == null ? "0" : to.memoryGuarantee().toString());
        }
        changeMemory(from, to);
        changeTransfer(from, to);
    }

    private void changeMemory(CgroupLimits from, CgroupLimits to) throws IOException {
        if (!Objects.equals(from.swapCap(), to.swapCap())) {
            set("memory.swap.max", orMax(to.swapCap()));
        }
        if (!Objects.equals(from.memoryCap(), to.memoryCap())) {
            makeRoom(to.memoryCap());
            set("memory.max", orMax(to.memoryCap()));
        }
    }

    /**
     * Reclaims down to a lower cap before it is set, since {@code memory.max} below what is in use kills processes.
     * Writing {@code memory.high} reclaims and never kills.
     *
     * @throws CgroupException when that much cannot be reclaimed; the caps are then as before
     */
    private void makeRoom(Long cap) throws IOException {
        if (cap == null || current() <= cap) {
            return;
        }
        set("memory.high", cap.toString());
        try {
            long left = current();
            if (left > cap) {
                throw Controllers.tooMuchMemory(left, cap, null);
            }
        } finally {
            set("memory.high", "max");
        }
    }

    private long current() throws IOException {
        return Fields.single(files.read("memory.current"));
    }

    private void changeTransfer(CgroupLimits from, CgroupLimits to) throws IOException {
        boolean same = Objects.equals(from.ioReadRate(), to.ioReadRate())
                && Objects.equals(from.ioWriteRate(), to.ioWriteRate())
                && Objects.equals(from.ioDevice(), to.ioDevice());
        if (same) {
            return;
        }
        boolean wasSet = from.ioReadRate() != null || from.ioWriteRate() != null;
        if (wasSet && !Objects.equals(from.ioDevice(), to.ioDevice())) {
            set("io.max", from.ioDevice() + " rbps=max wbps=max");
        }
        if (to.ioReadRate() != null || to.ioWriteRate() != null || wasSet && to.ioDevice() != null) {
            set("io.max", to.ioDevice() + " rbps=" + orMax(to.ioReadRate()) + " wbps=" + orMax(to.ioWriteRate()));
        }
    }

    private static String orMax(Long value) {
        return value == null ? "max" : value.toString();
    }

    private void set(String file, String value) throws IOException {
        try {
            files.write(file, value);
        } catch (ErrnoException e) {
            throw Controllers.refused(files, file, value, e);
        }
    }

    @Override
    public CgroupLimits limits() throws IOException {
        int weight = (int) number("cpu.weight", 100);
        long low = number("memory.low", 0);
        String[] io = files.read("io.max", "").strip().split("\\s+");
        Long read = rate(io, "rbps=");
        Long write = rate(io, "wbps=");
        return new CgroupLimits(
                weight == 100 ? null : weight,
                cpuCap(),
                low == 0 ? null : low,
                limit("memory.max"),
                limit("memory.swap.max"),
                limit("pids.max"),
                read,
                write,
                read == null && write == null ? null : io[0]);
    }

    @Override
    public Double cpuCap() throws IOException {
        String[] words = files.read("cpu.max", "max").strip().split(" ");
        return words[0].equals("max") ? null : Double.parseDouble(words[0]) / Double.parseDouble(words[1]);
    }

    private static Long rate(String[] words, String key) {
        for (String word : words) {
            if (word.startsWith(key) && !word.endsWith("=max")) {
                return Long.valueOf(word.substring(key.length()));
            }
        }
        return null;
    }

    private Long limit(String file) throws IOException {
        long value = number(file, Long.MAX_VALUE);
        return value == Long.MAX_VALUE ? null : value;
    }

    private long number(String file, long absent) throws IOException {
        String text = files.read(file, "");
        return text.isEmpty() ? absent : Fields.single(text);
    }

    @Override
    public CgroupMemory memory() throws IOException {
        var stat = Fields.all(files.read("memory.stat", ""));
        long slab = stat.getOrDefault("slab_reclaimable", 0L);
        long fixed = stat.getOrDefault("slab_unreclaimable", 0L);
        return new CgroupMemory(
                number("memory.current", -1),
                number("memory.max", Long.MAX_VALUE),
                stat.getOrDefault("anon", 0L),
                stat.getOrDefault("file", 0L),
                stat.getOrDefault("shmem", 0L),
                stat.getOrDefault("active_anon", 0L),
                stat.getOrDefault("inactive_anon", 0L),
                stat.getOrDefault("active_file", 0L),
                stat.getOrDefault("inactive_file", 0L),
                stat.getOrDefault("unevictable", 0L),
                stat.getOrDefault("file_mapped", 0L),
                stat.getOrDefault("file_dirty", 0L),
                stat.getOrDefault("file_writeback", 0L),
                slab,
                fixed,
                stat.getOrDefault("kernel", slab + fixed),
                number("memory.swap.current", 0),
                number("memory.swap.max", Long.MAX_VALUE));
    }

    @Override
    public long memoryPeak() throws IOException {
        return number("memory.peak", -1); // since Linux 5.19
    }

    @Override
    public long processes() throws IOException {
        return number("pids.current", -1);
    }

    @Override
    public Transferred transferred() throws IOException {
        String text = files.read("io.stat", null);
        if (text == null) {
            return new Transferred(-1, -1);
        }
        long read = 0;
        long written = 0;
        for (String word : text.split("\\s+")) {
            if (word.startsWith("rbytes=")) {
                read += Long.parseLong(word.substring(7));
            } else if (word.startsWith("wbytes=")) {
                written += Long.parseLong(word.substring(7));
            }
        }
        return new Transferred(read, written);
    }

    @Override
    public long oomKills() throws IOException {
        return Fields.number(files.read("memory.events", ""), "oom_kill", -1);
    }
}
