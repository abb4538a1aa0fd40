package trefoil.daemon;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import trefoil.daemon.ledger.Reserve;

/**
 * The configuration file: {@code key = value} lines, all optional. A key that nobody knows stops the start, so that a
 * misspelt one is not silently dropped.
 *
 * <pre>
 * reserve.cpu = 0.25            CPUs kept for the host and Trefoil (or 5% of them, whichever is more)
 * reserve.memory = 512MiB       memory kept for them (or 5%)
 * reserve.disk = 2GiB           disk space kept free (or 5%)
 * servers.ahead = 4             servers begun ahead of need while others are launched, 0 for none
 * ids.first = 1000000           first host uid and gid that servers are given, 65,536 each
 * </pre>
 *
 * @param reserve what no server is promised
 * @param firstId first id of the first server's range
 * @param ahead how many servers are kept begun while others are launched, so that the next ones start faster; 0 to 64
 */
public record HostConfiguration(Reserve reserve, int firstId, int ahead) {
    private static final int FIRST_ID = 1_000_000;
    private static final int AHEAD = 4;
    private static final int MOST_AHEAD = 64;

    /** What holds where no file says otherwise. */
    public static final HostConfiguration DEFAULT = new HostConfiguration(Reserve.DEFAULT, FIRST_ID, AHEAD);

    /** Reads the file; the defaults when there is none. */
    public static HostConfiguration read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return DEFAULT;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        Map<String, String> values = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key).strip()));
        try {
            return of(values);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static HostConfiguration of(Map<String, String> values) {
        String cpu = values.remove("reserve.cpu");
        String memory = values.remove("reserve.memory");
        String disk = values.remove("reserve.disk");
        String first = values.remove("ids.first");
        String ahead = values.remove("servers.ahead");
        if (!values.isEmpty()) {
            throw new IllegalArgumentException("unknown key " + values.keySet().iterator().next()
                    + "; known are reserve.cpu, reserve.memory, reserve.disk, ids.first, servers.ahead");
        }
        Reserve normal = Reserve.DEFAULT;
        return new HostConfiguration(
                new Reserve(
                        cpu == null ? normal.cpu() : cpus(cpu),
                        memory == null ? normal.memory() : bytes("reserve.memory", memory),
                        disk == null ? normal.disk() : bytes("reserve.disk", disk),
                        cpu == null, memory == null, disk == null),
                first == null ? FIRST_ID : firstId(first),
                ahead == null ? AHEAD : ahead(ahead));
    }

    private static double cpus(String value) {
        try {
            double cpus = Double.parseDouble(value);
            if (cpus >= 0 && cpus < 65_536) {
                return cpus;
            }
        } catch (NumberFormatException e) {
            // told below, with the key
        }
        throw new IllegalArgumentException("reserve.cpu: '" + value + "' is not a number of CPUs, such as 0.5");
    }

    private static int ahead(String value) {
        try {
            int count = Integer.parseInt(value);
            if (count >= 0 && count <= MOST_AHEAD) {
                return count;
            }
        } catch (NumberFormatException e) {
            // told below, with the key
        }
        throw new IllegalArgumentException("servers.ahead: '" + value + "' is not a number from 0 to " + MOST_AHEAD);
    }

    private static int firstId(String value) {
        try {
            int id = Integer.parseInt(value);
            if (id >= 65_536 && id <= Integer.MAX_VALUE - 65_536) {
                return id;
            }
        } catch (NumberFormatException e) {
            // told below, with the key
        }
        throw new IllegalArgumentException("ids.first: '" + value + "' is not a number from 65536 to 2147418111");
    }

    private static long bytes(String key, String value) {
        String digits = value.replaceFirst("(?i)\\s*(KiB|MiB|GiB|TiB)$", "");
        String unit = value.substring(digits.length()).strip().toLowerCase(java.util.Locale.ROOT);
        long factor = switch (unit) {
            case "kib" -> 1L << 10;
            case "mib" -> 1L << 20;
            case "gib" -> 1L << 30;
            case "tib" -> 1L << 40;
            default -> 1;
        };
        try {
            long bytes = Math.multiplyExact(Long.parseLong(digits.strip()), factor);
            if (bytes >= 0) {
                return bytes;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // told below, with the key
        }
        throw new IllegalArgumentException(key + ": '" + value + "' is not a size, such as 512MiB");
    }
}
