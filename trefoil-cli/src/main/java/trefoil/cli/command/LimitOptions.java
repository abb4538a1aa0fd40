package trefoil.cli.command;

import picocli.CommandLine.Option;
import trefoil.cli.value.LimitSettings;

/** The options that set limits. Each passes its text on at once, so that a wrong value is told with the option's name. */
final class LimitOptions {
    private final LimitSettings settings = new LimitSettings();

    LimitSettings settings() {
        return settings;
    }

    @Option(names = "--cpus", paramLabel = "CPUS", description = "Most CPUs it may use, such as 1.5.")
    void cpus(String text) {
        settings.set("cpus", text);
    }

    @Option(names = "--cpu-weight", paramLabel = "WEIGHT", description = "Share of CPU when it is scarce, 1 to 10000; 100 where not set.")
    void cpuWeight(String text) {
        settings.set("cpu-weight", text);
    }

    @Option(names = "--memory", paramLabel = "SIZE", description = "Most memory, such as 512MiB or 2G.")
    void memory(String text) {
        settings.set("memory", text);
    }

    @Option(names = "--memory-guarantee", paramLabel = "SIZE", description = "Memory reserved for it.")
    void memoryGuarantee(String text) {
        settings.set("memory-guarantee", text);
    }

    @Option(names = "--swap", paramLabel = "SIZE", description = "Most swap; 0 forbids it.")
    void swap(String text) {
        settings.set("swap", text);
    }

    @Option(names = "--pids", paramLabel = "NUMBER", description = "Most processes and threads.")
    void pids(String text) {
        settings.set("pids", text);
    }

    @Option(names = "--disk", paramLabel = "SIZE", description = "Most disk space beyond its image.")
    void disk(String text) {
        settings.set("disk", text);
    }

    @Option(names = "--io-read", paramLabel = "RATE", description = "Fastest reading from disk, such as 10MiB/s.")
    void ioRead(String text) {
        settings.set("io-read", text);
    }

    @Option(names = "--io-write", paramLabel = "RATE", description = "Fastest writing to disk.")
    void ioWrite(String text) {
        settings.set("io-write", text);
    }

    @Option(names = "--net-in", paramLabel = "RATE", description = "Fastest receiving, such as 100Mbit/s.")
    void netIn(String text) {
        settings.set("net-in", text);
    }

    @Option(names = "--net-out", paramLabel = "RATE", description = "Fastest sending.")
    void netOut(String text) {
        settings.set("net-out", text);
    }
}
