package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import trefoil.linux.host.Fields;

/** The texts behind a server's /proc, from given figures. */
class ViewTextTest {
    private static final long MIB = FixedSource.MIB;
    private static final String HOST_MEMORY = "MemTotal:       24684084 kB\nMemFree:        20000000 kB\n"
            + "MemAvailable:   22000000 kB\nSwapTotal:       1048576 kB\nSwapFree:        1000000 kB\n"
            + "VmallocTotal:   34359738367 kB\nHugepagesize:       2048 kB\n";
    private static final String HOST_CPUS = cpu(0) + cpu(1) + cpu(2) + cpu(3);

    private final FixedSource source = new FixedSource();

    private static String cpu(int number) {
        return "processor\t: " + number + "\nmodel name\t: Some CPU\nphysical id\t: 0\nsiblings\t: 4\ncore id\t\t: " + number
                + "\ncpu cores\t: 4\nflags\t\t: fpu vme\npower management:\n\n";
    }

    private static String host(String path) {
        return switch (path) {
            case "/proc/meminfo" -> HOST_MEMORY;
            case "/proc/cpuinfo" -> HOST_CPUS;
            case "/sys/devices/system/cpu/online" -> "0-3\n";
            default -> throw new AssertionError(path);
        };
    }

    private Map<String, Long> meminfo() throws IOException {
        return Fields.all(new MemoryView(source, ViewTextTest::host).meminfo());
    }

    private CpuView cpuView() {
        return new CpuView(source, ViewTextTest::host);
    }

    @Test
    void memoryIsTheCap() throws IOException {
        Map<String, Long> memory = meminfo();
        assertThat(memory).containsEntry("MemTotal", 512L * 1024);
        assertThat(memory).containsEntry("MemFree", 412L * 1024);
        assertThat(memory).containsEntry("MemAvailable", (412L + 48 + 4) * 1024);
        assertThat(memory).containsEntry("Cached", 50L * 1024);
        assertThat(memory).containsEntry("SwapTotal", 0L);
    }

    @Test
    void withoutACapMemoryIsTheHosts() throws IOException {
        source.cap = Long.MAX_VALUE;
        source.swapCap = Long.MAX_VALUE;
        Map<String, Long> memory = meminfo();
        assertThat(memory).containsEntry("MemTotal", 24684084L);
        assertThat(memory.get("MemFree")).isLessThanOrEqualTo(22000000L);
        assertThat(memory).containsEntry("SwapTotal", 1048576L);
        assertThat(memory).containsEntry("SwapFree", 1000000L);
    }

    @Test
    void neverMoreIsFreeThanTheHostCanGive() throws IOException {
        source.cap = 23_000L * MIB;
        assertThat(meminfo().get("MemFree")).isEqualTo(22000000L);
        assertThat(meminfo().get("MemAvailable")).isLessThanOrEqualTo(22000000L + 48 * 1024);
    }

    @Test
    void aGroupOverItsCapHasNothingFree() throws IOException {
        source.usage = 600 * MIB;
        assertThat(meminfo()).containsEntry("MemFree", 0L);
    }

    @Test
    void theLengthStaysTheSameWhileTheFiguresChange() throws IOException {
        int length = new MemoryView(source, ViewTextTest::host).meminfo().length();
        source.usage = 1;
        assertThat(new MemoryView(source, ViewTextTest::host).meminfo()).hasSize(length);
    }

    @Test
    void meminfoIsLaidOutAsTheKernelDoes() throws IOException {
        assertThat(new MemoryView(source, ViewTextTest::host).meminfo())
                .startsWith("MemTotal:         524288 kB\n")
                .contains("\nActive(anon):      30720 kB\n")
                .contains("\nHugePages_Total:        0\n");
    }

    @Test
    void swapIsListedWhereAnyMayBeUsed() throws IOException {
        MemoryView view = new MemoryView(source, ViewTextTest::host);
        assertThat(view.swaps().lines()).hasSize(1);
        source.swapCap = 64 * MIB;
        source.swap = MIB;
        assertThat(view.swaps().lines().toList().get(1)).isEqualTo("none\t\t\t\t\tvirtual\t\t65536\t\t1024\t\t0");
    }

    @Test
    void cpusAreTheCapRoundedUp() throws IOException {
        Map<Double, String> expected = Map.of(0.1, "0\n", 1.0, "0\n", 1.01, "0-1\n", 2.0, "0-1\n", 3.5, "0-3\n", 64.0, "0-3\n");
        for (var entry : expected.entrySet()) {
            source.cpuCap = entry.getKey();
            assertThat(cpuView().range()).as("cap " + entry.getKey()).isEqualTo(entry.getValue());
        }
        source.cpuCap = null;
        assertThat(cpuView().range()).isEqualTo("0-3\n");
    }

    @Test
    void cpuinfoHasAsManyProcessorsAndIsOtherwiseTheHosts() throws IOException {
        source.cpuCap = 1.5;
        String text = cpuView().cpuinfo();
        assertThat(text.lines().filter(line -> line.startsWith("processor"))).containsExactly("processor\t: 0", "processor\t: 1");
        assertThat(text.lines().filter(line -> line.startsWith("siblings"))).containsOnly("siblings\t: 2");
        assertThat(text).endsWith("flags\t\t: fpu vme\npower management:\n\n");
        source.cpuCap = null;
        assertThat(cpuView().cpuinfo()).isEqualTo(HOST_CPUS);
    }

    @Test
    void aListOfCpusMayHaveHoles() {
        assertThat(CpuView.size("0")).isEqualTo(1);
        assertThat(CpuView.size("0-3,6,8-9")).isEqualTo(7);
    }

    @Test
    void timesAreTheServersOwn() throws IOException {
        source.cpuCap = 2.0;
        source.cpuNanos = 40_000_000_000L;
        List<String> lines = cpuView().stat().lines().toList();
        String[] cpu = lines.getFirst().split(" +");
        assertThat(cpu[0]).isEqualTo("cpu");
        assertThat(Long.parseLong(cpu[1])).isEqualTo(3000);
        assertThat(Long.parseLong(cpu[3])).isEqualTo(1000);
        assertThat(Long.parseLong(cpu[4])).isBetween(8000L, 8500L); // 2 CPUs × 60 s − 40 s
        assertThat(lines.stream().filter(line -> line.startsWith("cpu"))).hasSize(3);
        assertThat(lines).contains("btime " + source.startedAt / 1000);
    }

    @Test
    void idleTimeNeverFallsThoughTheCapDoes() throws IOException {
        source.cpuCap = 4.0;
        CpuView view = cpuView();
        long before = idle(view);
        source.cpuCap = 1.0;
        source.cpuNanos += 100_000_000_000L;
        assertThat(idle(view)).isGreaterThanOrEqualTo(before);
    }

    private static long idle(CpuView view) throws IOException {
        return Long.parseLong(view.stat().lines().findFirst().orElseThrow().split(" +")[4]);
    }

    @Test
    void loadConvergesToWhatRunsAndWaits() throws IOException {
        AtomicLong clock = new AtomicLong(1);
        LoadAverage load = new LoadAverage(source, clock::get);
        for (int second = 0; second < 3600; second += 5) {
            load.loadavg();
            clock.addAndGet(5_000_000_000L);
            source.cpuNanos += 5_000_000_000L; // one runs all the time
            source.stalledMicros += 2_500_000; // another waits half of it
        }
        String[] words = load.loadavg().strip().split(" ");
        assertThat(Double.parseDouble(words[0])).isBetween(1.49, 1.51);
        assertThat(Double.parseDouble(words[2])).isBetween(1.4, 1.51);
        assertThat(words[3]).isEqualTo("2/7");
    }

    @Test
    void loadDecaysWhenIdle() throws IOException {
        AtomicLong clock = new AtomicLong(1);
        LoadAverage load = new LoadAverage(source, clock::get);
        source.cpuNanos = 60_000_000_000L;
        assertThat(Double.parseDouble(load.loadavg().split(" ")[0])).isBetween(0.5, 0.8); // a minute at 1
        clock.addAndGet(600_000_000_000L);
        assertThat(load.loadavg()).startsWith("0.00 ");
    }
}
