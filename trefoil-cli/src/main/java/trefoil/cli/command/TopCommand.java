package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import trefoil.api.HostResources;
import trefoil.api.Server;
import trefoil.api.Usage;
import trefoil.cli.output.Format;
import trefoil.cli.output.Load;
import trefoil.cli.output.LoadTable;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Value;
import trefoil.cli.terminal.RawTerminal;
import trefoil.cli.value.UsageException;
import trefoil.client.TrefoilClient;

/** {@code trefoil top}. */
public final class TopCommand extends Subcommand {
    private static final long FIRST_INTERVAL_MILLIS = 500;

    private static final int USUAL_SECONDS = 2;

    private final Flag once = flag("--once", "Print it once: what was used within half a second.");

    private final Value interval = value("-d", "--interval", "SECONDS", "Time between two pictures; 2 where not set.");

    private final Value sort = value("-s", "--sort", "BY", "cpu, memory, io, net or name; cpu where not set.");

    private final Value format = value("-f", "--format", "FORMAT", "table, compact, csv, json or yaml, printed once; compact where not set.");

    private final CountDownLatch quit = new CountDownLatch(1);

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shows what running servers use, and what Trefoil uses for them; q ends it.

                cpu% is of one CPU. pressure is the percentage of the last ten seconds in which something waited for CPU,
                memory and I/O. Where standard output is no terminal it is printed once.
                """,
                """
                trefoil top
                trefoil top --once --sort memory
                trefoil top -f json
                """);
    }

    @Override
    protected int run() throws IOException {
        Comparator<Load> order = order();
        Format chosen = Format.of(format.text("compact"));
        Integer chosenSeconds = interval.number(1);
        int seconds = chosenSeconds == null ? USUAL_SECONDS : Math.min(chosenSeconds, 3600);
        TrefoilClient daemon = session().daemon();
        if (once.isSet() || format.text() != null || !session().terminals().out() || !session().terminals().in()) {
            List<Usage> before = daemon.usage();
            pause(FIRST_INTERVAL_MILLIS);
            LoadTable table = new LoadTable(loads(daemon, before, daemon.usage(), order), daemon.resources());
            table.print(session().out(), chosen);
            return 0;
        }
        try (RawTerminal _ = RawTerminal.keys()) {
            readKeys();
            watch(daemon, order, seconds);
        }
        return 0;
    }

    private Comparator<Load> order() {
        Comparator<Load> order = switch (sort.text("cpu")) {
            case "cpu" -> Comparator.comparingDouble(Load::cpuPercent).reversed();
            case "memory" -> Comparator.comparingLong((Load load) -> load.usage().memory()).reversed();
            case "io" -> Comparator.comparingDouble(Load::ioBytesPerSecond).reversed();
            case "net" -> Comparator.comparingDouble((Load load) -> load.receivedBytesPerSecond() + load.transmittedBytesPerSecond())
                    .reversed();
            case "name" -> Comparator.comparing((Load load) -> load.server().name());
            default -> throw new UsageException("servers are sorted by cpu, memory, io, net or name, not by \"" + sort.text() + "\"", null);
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

    private void watch(TrefoilClient daemon, Comparator<Load> order, int seconds) throws IOException {
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
            over = pause(seconds * 1000L);
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
