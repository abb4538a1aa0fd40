package trefoil.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import trefoil.api.Server;
import trefoil.client.TrefoilClient;

/** {@code trefoil demo}: packages, daemon, servers, table. Running it again shows what is there. */
final class Demo {
    private final Host host;
    private final PrintStream out;
    private final long started = System.nanoTime();

    Demo(Host host, PrintStream out) {
        this.host = host;
        this.out = out;
    }

    int run() throws DemoException, IOException, InterruptedException {
        host.requireRoot();
        host.installPackages();
        if (!host.daemonRuns()) {
            host.startDaemon();
            host.mark();
        }
        try (TrefoilClient client = host.client()) {
            List<Launch> launches = launch(client);
            boolean allUsable = launches.stream().allMatch(Launch::succeeded);
            show(client, launches);
            return allUsable ? 0 : 1;
        }
    }

    /** Launches all exhibits at once: the small one is usable while the large one's image is still being fetched. */
    private List<Launch> launch(TrefoilClient client) throws IOException, InterruptedException {
        List<Server> servers = client.servers();
        Board board = new Board(host.messages(), Board.isTerminal());
        List<Launch> launches = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Exhibit exhibit : Exhibit.ALL) {
            Launch launch = Launch.of(exhibit, servers, client, board);
            launches.add(launch);
            threads.add(Thread.ofVirtual().start(launch));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        board.finish();
        for (Launch launch : launches) {
            launch.report(host.messages());
        }
        return launches;
    }

    private void show(TrefoilClient client, List<Launch> launches) throws IOException {
        Summary summary = new Summary(host.command());
        for (Launch launch : launches) {
            if (launch.succeeded()) {
                summary.add(client.server(launch.name()), client.usage(launch.name()));
            }
        }
        out.println();
        summary.print(out);
        List<String> names = launches.stream().filter(Launch::succeeded).map(Launch::name).toList();
        if (names.size() > 1) {
            out.println();
            new Neighbours(client).print(names, out);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        out.println();
        out.println("All of this took " + Summary.seconds(took.toMillis()) + ". To remove it: " + host.command() + " demo --stop");
    }
}
