package trefoil.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import trefoil.api.ApiException;

/** Entry of {@code trefoil bench}. Exit status: 0 done, 1 failed, 2 wrong usage. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    /** What measures and prints; the result is the exit status. */
    @FunctionalInterface
    private interface Benchmark {
        int run() throws BenchmarkException, IOException, InterruptedException;
    }

    static int run(List<String> arguments, PrintStream out, PrintStream messages) {
        boolean boot = !arguments.isEmpty() && arguments.getFirst().equals("boot");
        String usage = boot ? BootOptions.USAGE : Options.USAGE + BootOptions.USAGE;
        if (arguments.contains("--help") || arguments.contains("-h")) {
            out.print(usage);
            return 0;
        }
        try {
            return measure(boot ? boot(BootOptions.parse(arguments.subList(1, arguments.size())), out, messages) : os(Options.parse(arguments), out, messages), messages);
        } catch (IllegalArgumentException e) {
            messages.println("error: " + e.getMessage());
            messages.print(usage);
            return 2;
        }
    }

    private static Benchmark os(Options options, PrintStream out, PrintStream messages) {
        return () -> {
            Report report = new OsBenchmark(options, System.getenv(), messages).run();
            out.print(options.json() ? report.json() : report.table());
            return report.ratio().isPresent() ? 0 : 1;
        };
    }

    private static Benchmark boot(BootOptions options, PrintStream out, PrintStream messages) {
        return () -> {
            BootReport report = new BootBenchmark(options, System.getenv(), messages).run();
            out.print(options.json() ? report.json() : report.table());
            return 0;
        };
    }

    private static int measure(Benchmark benchmark, PrintStream messages) {
        try {
            Run.prepare();
            return benchmark.run();
        } catch (BenchmarkException e) {
            messages.println("error: " + e.getMessage());
            messages.println("try: " + e.next());
        } catch (ApiException e) {
            messages.println("error: " + e.error().message());
            messages.println("try: " + (e.error().next() == null ? "trefoil doctor" : e.error().next()));
        } catch (IOException e) {
            messages.println("error: " + e.getMessage());
            messages.println("try: trefoil doctor");
        } catch (InterruptedException e) {
            messages.println("error: interrupted");
        }
        return 1;
    }
}
