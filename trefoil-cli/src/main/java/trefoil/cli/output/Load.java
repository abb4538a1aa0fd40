package trefoil.cli.output;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import trefoil.api.Limits;
import trefoil.api.Pressure;
import trefoil.api.Server;
import trefoil.api.Usage;
import trefoil.cli.value.Size;

/**
 * What one server did between two measurements.
 *
 * @param server the server
 * @param usage the later measurement
 * @param seconds between the two; 0 when there is only one
 * @param cpuPercent of one CPU
 * @param ioBytesPerSecond read and written
 * @param receivedBytesPerSecond from the network
 * @param transmittedBytesPerSecond to the network
 * @param overheadCpuPercent of one CPU that Trefoil itself spent on this server
 */
public record Load(
        Server server,
        Usage usage,
        double seconds,
        double cpuPercent,
        double ioBytesPerSecond,
        double receivedBytesPerSecond,
        double transmittedBytesPerSecond,
        double overheadCpuPercent) {

    /** Columns of {@code trefoil top}. */
    public static final List<String> COLUMNS = List.of(
            "name", "kind", "status", "cpu%", "memory", "of", "pressure", "io/s", "net-in/s", "net-out/s", "procs", "trefoil-mem", "trefoil-cpu%");

    /** Loads of the servers that are measured in {@code now}. */
    public static List<Load> between(List<Server> servers, List<Usage> before, List<Usage> now) {
        Map<String, Usage> earlier = new HashMap<>();
        before.forEach(usage -> earlier.put(usage.name(), usage));
        Map<String, Server> byName = new HashMap<>();
        servers.forEach(server -> byName.put(server.name(), server));
        return now.stream()
                .filter(usage -> byName.containsKey(usage.name()))
                .map(usage -> of(byName.get(usage.name()), earlier.get(usage.name()), usage))
                .toList();
    }

    private static Load of(Server server, Usage before, Usage now) {
        // Counters begin anew with a server's start: a fall means that there is nothing to compare with.
        if (before == null || now.at() <= before.at() || now.cpuNanos() < before.cpuNanos()) {
            return new Load(server, now, 0, 0, 0, 0, 0, 0);
        }
        double seconds = (now.at() - before.at()) / 1000.0;
        return new Load(
                server,
                now,
                seconds,
                (now.cpuNanos() - before.cpuNanos()) / 1e7 / seconds,
                rate(before.ioRead() + before.ioWritten(), now.ioRead() + now.ioWritten(), seconds),
                rate(before.networkReceived(), now.networkReceived(), seconds),
                rate(before.networkTransmitted(), now.networkTransmitted(), seconds),
                rate(before.overheadCpuNanos(), now.overheadCpuNanos(), seconds) / 1e7);
    }

    private static double rate(long before, long now, double seconds) {
        return Math.max(0, now - before) / seconds;
    }

    /** Cells for {@link #COLUMNS}. */
    public List<String> cells() {
        Limits limits = server.config() == null || server.config().limits() == null ? Limits.NONE : server.config().limits();
        return List.of(
                server.name(),
                server.kind().word(),
                server.status().word(),
                Size.decimal(cpuPercent, 1),
                Size.show(usage.memory()),
                limits.memoryCap() == null ? "" : Size.show(limits.memoryCap()),
                pressure(usage.pressure()),
                Size.show((long) ioBytesPerSecond),
                Size.show((long) receivedBytesPerSecond),
                Size.show((long) transmittedBytesPerSecond),
                Long.toString(usage.processes()),
                Size.show(usage.overheadMemory()),
                Size.decimal(overheadCpuPercent, 1));
    }

    /** CPU, memory and I/O, percent of time waited. */
    static String pressure(Pressure pressure) {
        if (pressure == null || pressure.cpu() == null && pressure.memory() == null && pressure.io() == null) {
            return "";
        }
        return percent(pressure.cpu()) + "/" + percent(pressure.memory()) + "/" + percent(pressure.io());
    }

    private static String percent(Double value) {
        return value == null ? "-" : Size.decimal(value, 1);
    }

    /** One object of JSON; the name is a DNS label and needs no escapes. */
    public String json() {
        return "{\"name\":\"" + server.name() + "\",\"kind\":\"" + server.kind() + "\",\"status\":\"" + server.status()
                + "\",\"seconds\":" + number(seconds) + ",\"cpuPercent\":" + number(cpuPercent) + ",\"memory\":" + usage.memory()
                + ",\"memoryWorkingSet\":" + usage.memoryWorkingSet() + ",\"processes\":" + usage.processes()
                + ",\"ioBytesPerSecond\":" + number(ioBytesPerSecond) + ",\"receivedBytesPerSecond\":" + number(receivedBytesPerSecond)
                + ",\"transmittedBytesPerSecond\":" + number(transmittedBytesPerSecond) + ",\"overheadMemory\":" + usage.overheadMemory()
                + ",\"overheadCpuPercent\":" + number(overheadCpuPercent) + "}";
    }

    private static String number(double value) {
        return Size.decimal(value, 3);
    }
}
