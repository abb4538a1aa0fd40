package trefoil.cli.command;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import trefoil.api.ExitRecord;
import trefoil.api.HostInfo;
import trefoil.api.HostResources;
import trefoil.api.JsonValue;
import trefoil.api.Limits;
import trefoil.api.MachineUsage;
import trefoil.api.PortForward;
import trefoil.api.Pressure;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.api.Usage;
import trefoil.cli.output.Format;
import trefoil.cli.output.Instants;
import trefoil.cli.output.Safe;
import trefoil.cli.session.Session;
import trefoil.cli.value.Ports;
import trefoil.cli.value.Size;
import trefoil.client.TrefoilClient;

/** What {@code trefoil info} prints. */
public final class Information {
    private static final int LABEL = 18;

    private final StringBuilder text = new StringBuilder();

    private Information() {}

    /** Prints a server, or the host when {@code name} is {@code null}. */
    public static void print(Session session, String name) throws IOException {
        TrefoilClient daemon = session.daemon();
        if (name == null) {
            Information information = new Information();
            information.host(daemon.host(), daemon.resources());
            session.out().print(information.text);
        } else {
            Server server = daemon.server(name);
            boolean alive = server.status() == ServerStatus.RUNNING || server.status() == ServerStatus.PAUSED;
            session.out().print(of(server, alive ? daemon.usage(name) : null));
        }
    }

    /** A server in words; {@code usage} is {@code null} for one that does not run. */
    public static String of(Server server, Usage usage) {
        Information information = new Information();
        information.server(server, usage);
        return information.text.toString();
    }

    /** Prints the same as JSON or YAML. */
    public static void print(Session session, String name, Format format) throws IOException {
        TrefoilClient daemon = session.daemon();
        ShowCommand.print(
                session,
                format,
                name == null
                        ? JsonValue.of("{\"host\":" + daemon.read().literal() + ",\"resources\":" + daemon.read("resources").literal() + "}")
                        : daemon.read("servers", name));
    }

    private void server(Server server, Usage usage) {
        field("Name", server.name());
        field("Kind", server.kind());
        field("Status", status(server));
        field("Error", server.error());
        field("Image", server.image());
        field("OS", server.os());
        field("Addresses", server.addresses() == null || server.addresses().isEmpty() ? null : String.join(", ", server.addresses()));
        field("Process 1", server.pid());
        field("Created", Instants.show(server.created()));
        field("Started", server.started() == null ? null : Instants.show(server.started()));
        field("Usable after", server.usableAfterMillis() == null ? null : Instants.span(server.usableAfterMillis()));
        field("Last exit", lastExit(server.lastExit()));
        field("At next start", server.pending() == null ? null : String.join(", ", server.pending()));
        if (server.config() != null) {
            config(server.config());
        }
        if (usage != null) {
            usage(server, usage);
        }
    }

    private static String status(Server server) {
        if (server.status() != ServerStatus.RUNNING) {
            return String.valueOf(server.status());
        }
        return server.usable() ? "running, usable" : "running, not yet usable" + (server.lacking() == null || server.lacking().isEmpty() ? "" : ": " + server.lacking());
    }

    private static String lastExit(ExitRecord exit) {
        if (exit == null) {
            return null;
        }
        String how = exit.signal() != null ? "signal " + exit.signal() : exit.status() != null ? "status " + exit.status() : "unknown status";
        return exit.cause() + " (" + how + ") at " + Instants.show(exit.at());
    }

    private void config(ServerConfig config) {
        field("Description", config.description());
        field("Network", config.network());
        field("Ports", ports(config.ports()));
        field("Command", config.command() == null || config.command().isEmpty() ? null : String.join(" ", config.command()));
        if (config.environment() != null) {
            for (Map.Entry<String, String> variable : config.environment().entrySet()) {
                field("Environment", variable.getKey() + "=" + variable.getValue());
            }
        }
        field("Restart", config.restart());
        field("Autostart", Boolean.TRUE.equals(config.autostart()) ? "yes" : null);
        field("Nesting", Boolean.TRUE.equals(config.nesting()) ? "yes" : null);
        field("Ephemeral", Boolean.TRUE.equals(config.ephemeral()) ? "yes" : null);
        if (config.limits() != null && !config.limits().equals(Limits.NONE)) {
            limits(config.limits());
        }
    }

    private static String ports(List<PortForward> ports) {
        if (ports == null || ports.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (PortForward port : ports) {
            text.append(text.isEmpty() ? "" : ", ").append(Ports.show(port));
        }
        return text.toString();
    }

    private void limits(Limits limits) {
        heading("Limits");
        field("  CPUs", limits.cpuCap());
        field("  CPU weight", limits.cpuWeight());
        size("  Memory", limits.memoryCap(), "");
        size("  Guarantee", limits.memoryGuarantee(), "");
        size("  Swap", limits.swapCap(), "");
        field("  Processes", limits.pids());
        size("  Disk", limits.disk(), "");
        size("  Disk reads", limits.ioReadRate(), "/s");
        size("  Disk writes", limits.ioWriteRate(), "/s");
        field("  Network in", limits.networkReceiveRate() == null ? null : Size.showBits(limits.networkReceiveRate()));
        field("  Network out", limits.networkTransmitRate() == null ? null : Size.showBits(limits.networkTransmitRate()));
    }

    private void usage(Server server, Usage usage) {
        Limits limits = server.config() == null || server.config().limits() == null ? Limits.NONE : server.config().limits();
        heading("Use");
        field("  CPU time", Instants.span(usage.cpuNanos() / 1_000_000));
        field("  Memory", Size.show(usage.memory()) + of(limits.memoryCap()) + ", working set " + Size.show(usage.memoryWorkingSet()));
        size("  Memory peak", usage.memoryPeak(), "");
        field("  Swap", usage.swap() == 0 ? null : Size.show(usage.swap()));
        field("  Processes", usage.processes() + (limits.pids() == null ? "" : " of " + limits.pids()));
        field("  Disk", Size.show(usage.disk()) + of(limits.disk()));
        field("  Disk I/O", Size.show(usage.ioRead()) + " read, " + Size.show(usage.ioWritten()) + " written");
        field("  Network", Size.show(usage.networkReceived()) + " in, " + Size.show(usage.networkTransmitted()) + " out");
        field("  Out of memory", usage.oomKills() == 0 ? null : usage.oomKills() + " processes killed");
        field("  Pressure", pressure(usage.pressure()));
        field("  Trefoil's own", Size.show(usage.overheadMemory()) + (usage.machine() == null ? " (what the daemon holds, divided by the servers that run), CPU time " : " (its part of the daemon, and what the machine's process takes for itself), CPU time ") + Instants.span(usage.overheadCpuNanos() / 1_000_000));
        if (usage.machine() != null) {
            machine(usage.machine());
        }
    }

    private void machine(MachineUsage machine) {
        heading("Machine");
        field("  Processors", machine.vcpus());
        field("  RAM", Size.show(machine.memory()));
        field("  Guest code", "CPU time " + Instants.span(machine.guestCpuNanos() / 1_000_000) + (machine.instructions() == 0 ? "" : ", %,d instructions".formatted(machine.instructions())));
        field("  Halted", Instants.span(machine.haltedNanos() / 1_000_000));
        field("  Exits", "%,d to ports, %,d to memory, %,d to MSRs; %,d interrupts".formatted(machine.portAccesses(), machine.memoryAccesses(), machine.msrAccesses(), machine.interrupts()));
        field("  Hypervisor", "CPU time " + Instants.span(machine.hypervisorCpuNanos() / 1_000_000) + ", " + Size.show(machine.hypervisorMemory()) + " beyond the guest's RAM");
        if (machine.waitsForRoom()) {
            field("  Disk", "what it writes waits, for the host's disk is full");
        }
        field("  Resets", machine.boots() == 1 ? null : machine.boots() - 1);
    }

    private static String of(Long cap) {
        return cap == null ? "" : " of " + Size.show(cap);
    }

    private static String pressure(Pressure pressure) {
        if (pressure == null) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        append(text, "CPU", pressure.cpu());
        append(text, "memory", pressure.memory());
        append(text, "I/O", pressure.io());
        return text.isEmpty() ? null : text.toString();
    }

    private static void append(StringBuilder text, String what, Double percent) {
        if (percent != null) {
            text.append(text.isEmpty() ? "" : ", ").append(what).append(' ').append(percent).append(" %");
        }
    }

    private void host(HostInfo host, HostResources resources) {
        field("Daemon", host.version() + ", process " + host.pid() + ", since " + Instants.show(host.started()));
        field("State", host.directory());
        field("Host", host.os() + ", Linux " + host.kernel() + ", " + host.architecture());
        field("Kinds", host.kinds() == null ? null : String.join(", ", host.kinds()));
        field("cgroups", resources.cgroup());
        field("Hardware virt.", resources.hardwareVirtualization());
        heading("Ledger");
        field("  CPUs", resources.cpus() + ", " + resources.cpuReserved() + " reserved for the host, " + resources.cpuBusyPercent() + " % busy");
        field("  Memory", Size.show(resources.memory()) + ": " + Size.show(resources.memoryAvailable()) + " available, "
                + Size.show(resources.memoryGuaranteed()) + " guaranteed to servers, " + Size.show(resources.memoryReserved())
                + " reserved for the host");
        field("  Swap", Size.show(resources.swap()) + ", " + Size.show(resources.swapFree()) + " free");
        field("  Disk", Size.show(resources.disk()) + ": " + Size.show(resources.diskFree()) + " free, "
                + Size.show(resources.diskPromised()) + " promised to servers, " + Size.show(resources.diskReserved())
                + " reserved for the host");
        field("  Pressure", pressure(resources.pressure()));
        field("  Trefoil's own", Size.show(resources.daemonMemory()) + ", CPU time " + Instants.span(resources.daemonCpuNanos() / 1_000_000));
    }

    private void heading(String words) {
        text.append(words).append(":\n");
    }

    private void size(String label, Long bytes, String suffix) {
        field(label, bytes == null ? null : Size.show(bytes) + suffix);
    }

    private void field(String label, Object value) {
        if (value != null && !value.toString().isEmpty()) {
            String safe = Safe.line(value.toString());
            text.append(label).append(':').repeat(' ', Math.max(1, LABEL - label.length() - 1)).append(safe).append('\n');
        }
    }
}
