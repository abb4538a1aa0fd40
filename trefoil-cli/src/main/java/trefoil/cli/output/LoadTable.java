package trefoil.cli.output;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import trefoil.api.HostResources;
import trefoil.api.JsonValue;
import trefoil.cli.value.Size;

/**
 * The picture of {@code trefoil top}: a line about the host, then one per server.
 *
 * @param loads of the servers, in order
 * @param resources the host's ledger
 */
public record LoadTable(List<Load> loads, HostResources resources) {
    /** Prints it. CSV, JSON and YAML hold the servers only. */
    public void print(PrintStream out, Format format) {
        switch (format) {
            case TABLE -> {
                out.println(host());
                table().printBoxed(out);
            }
            case COMPACT -> {
                out.println(host());
                table().printCompact(out);
            }
            case CSV -> Csv.print(out, table());
            case JSON -> PrettyJson.print(out, JsonValue.of(json()));
            case YAML -> Yaml.print(out, JsonValue.of(json()));
        }
    }

    /** Draws it over an earlier picture: every line erases what it does not cover. */
    public void draw(PrintStream out) {
        out.print(Safe.line(host()) + "\033[K\n\033[K\n");
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        try (PrintStream to = new PrintStream(lines, false, StandardCharsets.UTF_8)) {
            table().printCompact(to);
        }
        out.print(lines.toString(StandardCharsets.UTF_8).replace("\n", "\033[K\n"));
        out.print("\033[K\nq ends\033[K");
    }

    private String host() {
        return "host: " + resources.cpus() + " CPUs " + Size.decimal(resources.cpuBusyPercent(), 1) + " % busy, memory "
                + Size.show(resources.memory() - resources.memoryAvailable()) + " of " + Size.show(resources.memory()) + " used, "
                + Size.show(resources.memoryGuaranteed()) + " guaranteed, " + Size.show(resources.memoryReserved())
                + " reserved; disk " + Size.show(resources.diskFree()) + " free; Trefoil " + Size.show(resources.daemonMemory())
                + (Load.pressure(resources.pressure()).isEmpty() ? "" : "; pressure " + Load.pressure(resources.pressure()));
    }

    private Table table() {
        List<List<String>> rows = new ArrayList<>();
        loads.forEach(load -> rows.add(load.cells()));
        return new Table(Load.COLUMNS, rows);
    }

    private String json() {
        StringBuilder json = new StringBuilder("[");
        for (Load load : loads) {
            json.append(json.length() == 1 ? "" : ",").append(load.json());
        }
        return json.append(']').toString();
    }
}
