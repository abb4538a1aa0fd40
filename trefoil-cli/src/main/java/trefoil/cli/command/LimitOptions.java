package trefoil.cli.command;

import java.util.LinkedHashMap;
import java.util.Map;
import trefoil.cli.syntax.Syntax;
import trefoil.cli.syntax.Value;
import trefoil.cli.value.LimitSettings;

/** The options that set limits, as they were typed; {@link #settings} reads them. */
final class LimitOptions {
    private final Syntax syntax;
    private final Map<String, Value> values = new LinkedHashMap<>();

    LimitOptions(Syntax syntax) {
        this.syntax = syntax;
        declare("cpus", "CPUS", "Most CPUs it may use, such as 1.5.");
        declare("cpu-weight", "WEIGHT", "Share of CPU when it is scarce, 1 to 10000; 100 where not set.");
        declare("memory", "SIZE", "Most memory, such as 512MiB or 2G.");
        declare("memory-guarantee", "SIZE", "Memory reserved for it.");
        declare("swap", "SIZE", "Most swap; 0 forbids it.");
        declare("pids", "NUMBER", "Most processes and threads.");
        declare("disk", "SIZE", "Most disk space beyond its image.");
        declare("io-read", "RATE", "Fastest reading from disk, such as 10MiB/s.");
        declare("io-write", "RATE", "Fastest writing to disk.");
        declare("net-in", "RATE", "Fastest receiving, such as 100Mbit/s.");
        declare("net-out", "RATE", "Fastest sending.");
    }

    private void declare(String key, String argument, String description) {
        values.put(key, syntax.value(null, "--" + key, argument, description));
    }

    /** What was set; a value that is none is told with its option's name. */
    LimitSettings settings() {
        LimitSettings settings = new LimitSettings();
        for (Map.Entry<String, Value> one : values.entrySet()) {
            if (one.getValue().text() != null) {
                settings.set(one.getKey(), one.getValue().text());
            }
        }
        return settings;
    }
}
