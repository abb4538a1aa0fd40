package trefoil.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import trefoil.api.Server;
import trefoil.api.ServerKind;
import trefoil.api.Usage;

/** The table at the end of the demo and what to try next. */
final class Summary {
    private static final List<String> HEADINGS = List.of(
            "NAME", "KIND", "OS", "ADDRESS", "USABLE AFTER", "MEMORY", "CPU", "TREFOIL'S MEMORY", "TREFOIL'S CPU");

    private final String command;
    private final List<Server> servers = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>(List.of(HEADINGS));

    /** @param command the trefoil command as the user typed it */
    Summary(String command) {
        this.command = command;
    }

    void add(Server server, Usage usage) {
        servers.add(server);
        rows.add(List.of(
                server.name(),
                server.kind().toString(),
                server.os() == null ? "-" : server.os(),
                server.addresses() == null || server.addresses().isEmpty() ? "-" : server.addresses().getFirst(),
                server.usableAfterMillis() == null ? "-" : seconds(server.usableAfterMillis()),
                bytes(usage.memoryWorkingSet()),
                milliseconds(usage.cpuNanos()),
                bytes(usage.overheadMemory()),
                milliseconds(usage.overheadCpuNanos())));
    }

    void print(PrintStream out) {
        int[] widths = new int[HEADINGS.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
        printNext(out);
    }

    private void printNext(PrintStream out) {
        if (servers.isEmpty()) {
            return;
        }
        String first = servers.getFirst().name();
        String last = servers.getLast().name();
        out.println();
        out.println("Try next:");
        next(out, "console " + first, "its console, as on a physical machine; Ctrl-a q leaves");
        next(out, "exec " + first + " -- bash", "a shell in it");
        if (!first.equals(last)) {
            next(out, "exec " + first + " -- ping -c 3 " + last, "servers find each other by name");
        }
        next(out, "top", "what servers use, now");
        next(out, "set " + first + " memory=256MiB", "limits change while it runs");
        next(out, "exec " + first + " -- reboot", "it comes back by itself");
        servers.stream().filter(server -> server.kind() == ServerKind.PARA).findFirst().ifPresent(machine -> next(out, "exec " + machine.name() + " -- uname -a", "a virtual machine, with a kernel of its own"));
        next(out, "launch debian:12 web2", "one more, without another download");
    }

    private void next(PrintStream out, String arguments, String what) {
        out.println(String.format(Locale.ROOT, "  %s %-32s %s", command, arguments, what));
    }

    static String bytes(long count) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double amount = count;
        int unit = 0;
        while (amount >= 1024 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    }

    static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }

    private static String milliseconds(long nanos) {
        return nanos < 10_000_000_000L
                ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }
}
