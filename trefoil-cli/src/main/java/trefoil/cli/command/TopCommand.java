package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.api.HostResources;
import trefoil.api.Server;
import trefoil.api.Usage;
import trefoil.cli.output.Format;
import trefoil.cli.output.Load;
import trefoil.cli.output.LoadTable;
import trefoil.cli.terminal.RawTerminal;
import trefoil.cli.value.UsageException;
import trefoil.client.TrefoilClient;

/** {@code trefoil top}. */
@Command(
        sortOptions = false,
        description = {
            "Shows what running servers use, and what Trefoil uses for them; q ends it.",
            "",
            "cpu%% is of one CPU. pressure is the percentage of the last ten seconds in which something waited for CPU, memory and I/O."
                    + " Where standard output is no terminal it is printed once.",
            ""
        })
public final class TopCommand extends Subcommand {
    private static final long FIRST_INTERVAL_MILLIS = 500;

    @Option(names = "--once", description = "Print it once: what was used within half a second.")
    private boolean once;

    @Option(names = {"-d", "--interval"}, paramLabel = "SECONDS", description = "Time between two pictures; 2 where not set.")
    private int interval = 2;

    @Option(names = {"-s", "--sort"}, paramLabel = "BY", description = "cpu, memory, io, net or name; cpu where not set.")
    private String sort = "cpu";

    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "table, compact, csv, json or yaml, printed once; compact where not set.")
    private String format;

    private final CountDownLatch quit = new CountDownLatch(1);

    @Override
    protected int run() throws IOException {
        Comparator<Load> order = order();
        Format chosen = format == null ? Format.COMPACT : Format.of(format);
        if (interval < 1 || interval > 3600) {
            throw new UsageException("--interval is a number of seconds from 1 to 3600", null);
        }
        TrefoilClient daemon = session().daemon();
        if (once || format != null || !session().terminals().out() || !session().terminals().in()) {
            List<Usage> before = daemon.usage();
            pause(FIRST_INTERVAL_MILLIS);
            LoadTable table = new LoadTable(loads(daemon, before, daemon.usage(), order), daemon.resources());
            table.print(session().out(), chosen);
            return 0;
        }
        try (RawTerminal _ = RawTerminal.keys()) {
            readKeys();
            watch(daemon, order);
        }
        return 0;
    }

    private Comparator<Load> order() {
        Comparator<Load> order = switch (sort) {
            case "cpu" -> Comparator.comparingDouble(Load::cpuPercent).reversed();
            case "memory" -> Comparator.comparingLong((Load load) -> load.usage().memory()).reversed();
            case "io" -> Comparator.comparingDouble(Load::ioBytesPerSecond).reversed();
            case "net" -> Comparator.comparingDouble((Load load) -> load.receivedBytesPerSecond() + load.transmittedBytesPerSecond())
                    .reversed();
            case "name" -> Comparator.comparing((Load load) -> load.server().name());
            default -> throw new UsageException("servers are sorted by cpu, memory, io, net or name, not by \"" + sort + "\"", null);
        };
        return order.thenComparing(load -> load.server().name());
    }

    private static List<Load> loads(TrefoilClient daemon, List<Usage> before, List<Usage> now, Comparator<Load> order)
            throws IOException {
        List<Server> servers = daemon.servers();
        List<Load> loads = new ArrayList<>(Load.between(servers, before, now));
        loads.sort(order);
        return loads;
    }

    private void watch(TrefoilClient daemon, Comparator<Load> order) throws IOException {
        PrintStream out = session().out();
        List<Usage> before = daemon.usage();
        boolean over = pause(FIRST_INTERVAL_MILLIS);
        while (!over && !out.checkError()) {
            List<Usage> now = daemon.usage();
            HostResources resources = daemon.resources();
            // Home, draw, then erase what is left of the picture before: less flicker than to erase first.
            out.print("\033[H");
            new LoadTable(loads(daemon, before, now, order), resources).draw(out);
            out.print("\033[J");
            out.flush();
            before = now;
            over = pause(interval * 1000L);
        }
        out.println();
    }

    /** True when q was typed meanwhile. */
    private boolean pause(long millis) throws IOException {
        try {
            return quit.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void readKeys() {
        Thread keys = new Thread(() -> {
            try {
                InputStream in = session().in();
                for (int key = in.read(); key != 'q' && key >= 0; key = in.read()) {
                    // other keys mean nothing yet
                }
            } catch (IOException e) {
                // The terminal is gone: so is the wish to watch.
                quit.countDown();
            }
            quit.countDown();
        }, "trefoil-keys");
        keys.setDaemon(true);
        keys.start();
    }
}
