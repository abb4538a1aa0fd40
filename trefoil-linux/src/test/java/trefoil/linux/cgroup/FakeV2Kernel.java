package trefoil.linux.cgroup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/**
 * The controller files of one version 2 group as the kernel presents them (cgroup-v2.rst and the parsers behind it:
 * {@code memory_max_write}, {@code cpu_max_write}, {@code tg_set_limit}): for a host whose controllers are all bound to version 1.
 */
final class FakeV2Kernel implements ControlFiles {
    final List<String> journal = new ArrayList<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> devices = new TreeMap<>();
    private final List<String> disks;
    /** Bytes in use, and how few of them can be left. */
    long usage;

    long unreclaimable;

    FakeV2Kernel(String... disks) {
        this.disks = List.of(disks);
        files.putAll(Map.of("cpu.weight", "100", "cpu.max", "max 100000", "memory.low", "0", "memory.high", "max"));
        files.putAll(Map.of("memory.max", "max", "memory.swap.max", "max", "pids.max", "max", "pids.current", "3"));
        files.putAll(Map.of("memory.swap.current", "8192", "memory.peak", "900000"));
        files.put("memory.stat", "anon 400000\nfile 300000\nkernel 50000\nshmem 10000\ninactive_file 100000\n"
                + "active_file 190000\nslab_reclaimable 20000\nslab_unreclaimable 15000\n");
        files.put("memory.events", "low 0\nhigh 3\nmax 7\noom 2\noom_kill 2\noom_group_kill 0\n");
        files.put("io.stat", "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n"
                + "253:0 \n8:0 rbytes=1 wbytes=1 rios=1 wios=1 dbytes=0 dios=0\n");
    }

    @Override
    public String read(String file) throws ErrnoException {
        if (file.equals("memory.current")) {
            return usage + "\n";
        }
        if (file.equals("io.max")) {
            StringBuilder lines = new StringBuilder();
            devices.forEach((device, rates) -> {
                lines.append(device);
                rates.forEach((key, value) -> lines.append(' ').append(key).append('=').append(value));
                lines.append('\n');
            });
            return lines.toString();
        }
        if (!files.containsKey(file)) {
            throw new ErrnoException("open(" + file + ")", Errno.ENOENT);
        }
        String text = files.get(file);
        return text.endsWith("\n") ? text : text + "\n";
    }

    void without(String file) {
        files.remove(file);
    }

    @Override
    public void write(String file, String value) throws ErrnoException {
        journal.add(file + "=" + value);
        switch (file) {
            case "cpu.weight" -> files.put(file, Long.toString(range(value, 1, 10_000)));
            case "cpu.max" -> cpuMax(value);
            case "memory.low", "memory.swap.max" -> files.put(file, pages(value));
            case "memory.high", "memory.max" -> cap(file, value);
            case "pids.max" -> files.put(file, value.equals("max") ? value : "" + range(value, 0, 4_194_304));
            case "io.max" -> ioMax(value);
            default -> throw new ErrnoException("open(" + file + ")", Errno.ENOENT);
        }
    }

    private static long range(String value, long least, long most) throws ErrnoException {
        if (!value.matches("\\d{1,18}")) {
            throw new ErrnoException("write", Errno.EINVAL);
        }
        long number = Long.parseLong(value);
        if (number < least || number > most) {
            throw new ErrnoException("write", Errno.ERANGE);
        }
        return number;
    }

    private static String pages(String value) throws ErrnoException {
        return value.equals("max") ? value : Long.toString(range(value, 0, Long.MAX_VALUE) / 4096 * 4096);
    }

    private void cap(String file, String value) throws ErrnoException {
        files.put(file, pages(value));
        if (!value.equals("max") && usage > Long.parseLong(value)) {
            usage = Math.max(unreclaimable, Long.parseLong(value));
            if (file.equals("memory.max") && usage > Long.parseLong(value)) {
                throw new AssertionError("the out-of-memory killer was let loose");
            }
        }
    }

    private void cpuMax(String value) throws ErrnoException {
        String[] words = value.split(" ");
        if (!words[0].equals("max")) {
            range(words[0], 1000, Long.MAX_VALUE);
        }
        range(words[1], 1000, 1_000_000);
        files.put("cpu.max", value);
    }

    private void ioMax(String value) throws ErrnoException {
        String[] words = value.split(" ");
        if (!disks.contains(words[0])) {
            throw new ErrnoException("write", Errno.ENODEV);
        }
        Map<String, String> rates = new LinkedHashMap<>(Map.of());
        rates.putAll(devices.getOrDefault(words[0], allMax()));
        for (int i = 1; i < words.length; i++) {
            String[] pair = words[i].split("=");
            rates.put(pair[0], pair[1].equals("max") ? "max" : "" + range(pair[1], 1, Long.MAX_VALUE));
        }
        if (rates.values().stream().allMatch("max"::equals)) {
            devices.remove(words[0]);
        } else {
            devices.put(words[0], rates);
        }
    }

    private static Map<String, String> allMax() {
        Map<String, String> rates = new LinkedHashMap<>();
        List.of("rbps", "wbps", "riops", "wiops").forEach(key -> rates.put(key, "max"));
        return rates;
    }
}
