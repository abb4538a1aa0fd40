package trefoil.cli.command;

import picocli.CommandLine.Option;
import trefoil.cli.value.LimitSettings;

/** The options that set limits, as they were typed; {@link #settings} reads them. */
final class LimitOptions {
    @Option(names = "--cpus", paramLabel = "CPUS", description = "Most CPUs it may use, such as 1.5.")
    private String cpus;

    @Option(names = "--cpu-weight", paramLabel = "WEIGHT", description = "Share of CPU when it is scarce, 1 to 10000; 100 where not set.")
    private String cpuWeight;

    @Option(names = "--memory", paramLabel = "SIZE", description = "Most memory, such as 512MiB or 2G.")
    private String memory;

    @Option(names = "--memory-guarantee", paramLabel = "SIZE", description = "Memory reserved for it.")
    private String memoryGuarantee;

    @Option(names = "--swap", paramLabel = "SIZE", description = "Most swap; 0 forbids it.")
    private String swap;

    @Option(names = "--pids", paramLabel = "NUMBER", description = "Most processes and threads.")
    private String pids;

    @Option(names = "--disk", paramLabel = "SIZE", description = "Most disk space beyond its image.")
    private String disk;

    @Option(names = "--io-read", paramLabel = "RATE", description = "Fastest reading from disk, such as 10MiB/s.")
    private String ioRead;

    @Option(names = "--io-write", paramLabel = "RATE", description = "Fastest writing to disk.")
    private String ioWrite;

    @Option(names = "--net-in", paramLabel = "RATE", description = "Fastest receiving, such as 100Mbit/s.")
    private String netIn;

    @Option(names = "--net-out", paramLabel = "RATE", description = "Fastest sending.")
    private String netOut;

    /** What was set; a value that is none is told with its option's name. */
    LimitSettings settings() {
        LimitSettings settings = new LimitSettings();
        set(settings, "cpus", cpus);
        set(settings, "cpu-weight", cpuWeight);
        set(settings, "memory", memory);
        set(settings, "memory-guarantee", memoryGuarantee);
        set(settings, "swap", swap);
        set(settings, "pids", pids);
        set(settings, "disk", disk);
        set(settings, "io-read", ioRead);
        set(settings, "io-write", ioWrite);
        set(settings, "net-in", netIn);
        set(settings, "net-out", netOut);
        return settings;
    }

    private static void set(LimitSettings settings, String key, String text) {
        if (text != null) {
            settings.set(key, text);
        }
    }
}
