package trefoil.linux.cgroup;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.Sizes;
import trefoil.linux.host.Fields;

/**
 * Controller files of version 1 groups, Linux {@code Documentation/admin-guide/cgroup-v1/} (memory.rst, pids.rst,
 * blkio-controller.rst) and {@code Documentation/scheduler/sched-bwc.rst}, one group per controller.
 */
final class ControllersV1 implements Limiter {
    private static final long PERIOD = 100_000; // microseconds; the kernel's default
    private static final long UNLIMITED = Long.MAX_VALUE / 2; // the kernel says LONG_MAX in whole pages
    private static final int DEFAULT_SHARES = 1024;
    private static final String LIMIT = "memory.limit_in_bytes";
    private static final String WITH_SWAP = "memory.memsw.limit_in_bytes";
    private static final String READ_RATE = "blkio.throttle.read_bps_device";
    private static final String WRITE_RATE = "blkio.throttle.write_bps_device";

    private final Map<String, ControlFiles> controllers;

    /** @param controllers the group's files in each hierarchy, by controller; one may be missing */
    ControllersV1(Map<String, ControlFiles> controllers) {
        this.controllers = controllers;
    }

    private ControlFiles of(String controller) {
        ControlFiles files = controllers.get(controller);
        return files != null ? files : new Missing(controller);
    }

    /** A controller that is not mounted: nothing to read, nothing to set. */
    private record Missing(String controller) implements ControlFiles {
        @Override
        public String read(String file) throws ErrnoException {
            throw new ErrnoException("open(\"" + file + "\") without controller " + controller, Errno.ENOENT);
        }

        @Override
        public void write(String file, String value) throws ErrnoException {
            throw new ErrnoException("open(\"" + file + "\") without controller " + controller, Errno.ENOENT);
        }
    }

    /** To be called once on a new group: one without a guarantee is taken from before those that have one. */
    void begin() throws IOException {
        if (controllers.containsKey("memory")) {
            set(of("memory"), "memory.soft_limit_in_bytes", "0");
        }
    }

    @Override
    public void change(CgroupLimits from, CgroupLimits to) throws IOException {
        if (!Objects.equals(from.cpuWeight(), to.cpuWeight())) {
            set(of("cpu"), "cpu.shares", Integer.toString(shares(to.cpuWeight())));
        }
        if (!Objects.equals(from.cpuCap(), to.cpuCap())) {
            changeCpuCap(to.cpuCap());
        }
        if (!Objects.equals(from.pids(), to.pids())) {
            set(of("pids"), "pids.max", to.pids() == null ? "max" : to.pids().toString());
        }
        if (!Objects.equals(from.memoryGuarantee(), to.memoryGuarantee())) {
            long guarantee = to.memoryGuarantee() == null ? 0 : to.memoryGuarantee();
            set(of("memory"), "memory.soft_limit_in_bytes", Long.toString(guarantee));
        }
        changeMemory(from, to);
        changeRate(READ_RATE, from.ioReadRate(), from.ioDevice(), to.ioReadRate(), to.ioDevice());
        changeRate(WRITE_RATE, from.ioWriteRate(), from.ioDevice(), to.ioWriteRate(), to.ioDevice());
    }

    private void changeCpuCap(Double cap) throws IOException {
        set(of("cpu"), "cpu.cfs_quota_us", cap == null ? "-1" : Long.toString(Math.round(cap * PERIOD)));
    }

    static int shares(Integer weight) {
        return weight == null ? DEFAULT_SHARES : Math.max(2, Math.round(weight * DEFAULT_SHARES / 100f));
    }

    /**
     * The kernel keeps limit <= limit with swap at every moment: what rises is raised from above, what falls is lowered
     * from below.
     */
    private void changeMemory(CgroupLimits from, CgroupLimits to) throws IOException {
        boolean swapChanges = !Objects.equals(withSwap(from), withSwap(to));
        if (to.swapCap() != null && to.memoryCap() == null) {
            throw new CgroupException(
                    "cannot cap swap at " + Sizes.words(to.swapCap()) + " without a memory cap: version 1 control groups count both together",
                    "set a memory cap too",
                    null);
        }
        boolean rises = or(withSwap(to)) > or(withSwap(from));
        if (swapChanges && rises) {
            setWithSwap(withSwap(to));
        }
        if (!Objects.equals(from.memoryCap(), to.memoryCap())) {
            setMemoryCap(to.memoryCap());
        }
        if (swapChanges && !rises) {
            setWithSwap(withSwap(to));
        }
    }

    private static Long withSwap(CgroupLimits limits) {
        return limits.memoryCap() == null || limits.swapCap() == null
                ? null
                : Math.min(limits.memoryCap(), UNLIMITED) + Math.min(limits.swapCap(), UNLIMITED);
    }

    private static long or(Long value) {
        return value == null ? Long.MAX_VALUE : value;
    }

    private void setMemoryCap(Long cap) throws IOException {
        String value = cap == null ? "-1" : cap.toString();
        try {
            of("memory").write(LIMIT, value);
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EBUSY
                    ? Controllers.tooMuchMemory(number("memory", "memory.usage_in_bytes", -1), cap, e)
                    : Controllers.refused(of("memory"), LIMIT, value, e);
        }
    }

    private void setWithSwap(Long cap) throws IOException {
        String value = cap == null ? "-1" : cap.toString();
        try {
            of("memory").write(WITH_SWAP, value);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EBUSY) {
                throw Controllers.tooMuchMemory(number("memory", "memory.memsw.usage_in_bytes", -1), cap, e);
            }
            throw Controllers.refused(of("memory"), WITH_SWAP, value, e);
        }
    }

    private void changeRate(String file, Long from, String fromDevice, Long to, String toDevice) throws IOException {
        boolean moves = !Objects.equals(fromDevice, toDevice);
        if (from != null && (to == null || moves)) {
            set(of("blkio"), file, fromDevice + " 0"); // 0 lifts it
        }
        if (to != null && (moves || !to.equals(from))) {
            set(of("blkio"), file, toDevice + " " + to);
        }
    }

    private static void set(ControlFiles files, String file, String value) throws IOException {
        try {
            files.write(file, value);
        } catch (ErrnoException e) {
            throw Controllers.refused(files, file, value, e);
        }
    }

    @Override
    public CgroupLimits limits() throws IOException {
        long shares = number("cpu", "cpu.shares", DEFAULT_SHARES);
        long soft = number("memory", "memory.soft_limit_in_bytes", 0);
        Long cap = limit("memory", LIMIT);
        Long withSwap = limit("memory", WITH_SWAP);
        String[] read = firstLine(READ_RATE);
        String[] write = firstLine(WRITE_RATE);
        return new CgroupLimits(
                shares == DEFAULT_SHARES ? null : weight(shares),
                cpuCap(),
                soft == 0 || soft >= UNLIMITED ? null : (Long) soft,
                cap,
                cap == null || withSwap == null ? null : (Long) (withSwap - cap),
                limit("pids", "pids.max"),
                read == null ? null : Long.valueOf(read[1]),
                write == null ? null : Long.valueOf(write[1]),
                read != null ? read[0] : write != null ? write[0] : null);
    }

    private static Integer weight(long shares) {
        return Math.clamp(Math.round(shares * 100.0 / DEFAULT_SHARES), 1, 10_000);
    }

    @Override
    public Double cpuCap() throws IOException {
        String quota = of("cpu").read("cpu.cfs_quota_us", "-1").strip();
        return quota.startsWith("-") ? null : Double.parseDouble(quota) / number("cpu", "cpu.cfs_period_us", PERIOD);
    }

    private String[] firstLine(String file) throws IOException {
        String text = of("blkio").read(file, "");
        return text.isBlank() ? null : text.substring(0, text.indexOf('\n')).split(" ");
    }

    private Long limit(String controller, String file) throws IOException {
        long value = number(controller, file, Long.MAX_VALUE);
        return value >= UNLIMITED ? null : value;
    }

    private long number(String controller, String file, long absent) throws IOException {
        String text = of(controller).read(file, "");
        return text.isEmpty() ? absent : Fields.single(text);
    }

    @Override
    public CgroupMemory memory() throws IOException {
        var stat = Fields.all(of("memory").read("memory.stat", ""));
        Long cap = limit("memory", LIMIT);
        Long withSwap = limit("memory", WITH_SWAP);
        long kernel = number("memory", "memory.kmem.usage_in_bytes", 0);
        return new CgroupMemory(
                number("memory", "memory.usage_in_bytes", -1),
                or(cap),
                stat.getOrDefault("total_rss", 0L),
                stat.getOrDefault("total_cache", 0L),
                stat.getOrDefault("total_shmem", 0L),
                stat.getOrDefault("total_active_anon", 0L),
                stat.getOrDefault("total_inactive_anon", 0L),
                stat.getOrDefault("total_active_file", 0L),
                stat.getOrDefault("total_inactive_file", 0L),
                stat.getOrDefault("total_unevictable", 0L),
                stat.getOrDefault("total_mapped_file", 0L),
                stat.getOrDefault("total_dirty", 0L),
                stat.getOrDefault("total_writeback", 0L),
                0,
                0,
                kernel,
                stat.getOrDefault("total_swap", 0L),
                cap == null || withSwap == null ? Long.MAX_VALUE : withSwap - cap);
    }

    @Override
    public long memoryPeak() throws IOException {
        return number("memory", "memory.max_usage_in_bytes", -1);
    }

    @Override
    public long processes() throws IOException {
        return number("pids", "pids.current", -1);
    }

    @Override
    public Transferred transferred() throws IOException {
        String text = of("blkio").read("blkio.throttle.io_service_bytes_recursive", null);
        if (text == null) {
            return new Transferred(-1, -1);
        }
        long read = 0;
        long written = 0;
        for (String line : text.split("\n")) {
            String[] words = line.split(" "); // "254:0 Read 4096"
            if (words.length == 3 && words[1].equals("Read")) {
                read += Long.parseLong(words[2]);
            } else if (words.length == 3 && words[1].equals("Write")) {
                written += Long.parseLong(words[2]);
            }
        }
        return new Transferred(read, written);
    }

    @Override
    public long oomKills() throws IOException {
        return Fields.number(of("memory").read("memory.oom_control", ""), "oom_kill", -1);
    }
}
