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

    static int run(List<String> arguments, PrintStream out, PrintStream messages) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            out.print(Options.USAGE);
            return 0;
        }
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            messages.println("error: " + e.getMessage());
            messages.print(Options.USAGE);
            return 2;
        }
        return measure(options, out, messages);
    }

    private static int measure(Options options, PrintStream out, PrintStream messages) {
        try {
            Run.prepare();
            Report report = new OsBenchmark(options, System.getenv(), messages).run();
            out.print(options.json() ? report.json() : report.table());
            return report.ratio().isPresent() ? 0 : 1;
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
