package trefoil.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import trefoil.api.ApiError;
import trefoil.api.ApiException;

/** Entry of {@code trefoil demo}. Exit status: 0 done, 1 failed, 2 wrong usage. */
public final class Main {
    private static final String USAGE =
            """
            usage: trefoil demo              launches a Debian 12 server and a tiny busybox server, and shows them
                   trefoil demo --stop       removes them, and the daemon where the demo started it; images are kept
                   trefoil demo --stop --purge   removes the images as well
            """;

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(List.of(args), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream messages) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            out.print(USAGE);
            return 0;
        }
        if (!Set.of("--stop", "--purge").containsAll(arguments) || arguments.equals(List.of("--purge"))) {
            messages.println("error: trefoil demo does not understand: " + String.join(" ", arguments));
            messages.print(USAGE);
            return 2;
        }
        return attempt(arguments, out, messages);
    }

    private static int attempt(List<String> arguments, PrintStream out, PrintStream messages) {
        try {
            Host host = Host.of(System.getenv(), messages);
            if (arguments.contains("--stop")) {
                return new Teardown(host, arguments.contains("--purge")).run();
            }
            return new Demo(host, out).run();
        } catch (DemoException e) {
            messages.println("error: " + e.getMessage());
            messages.println("try: " + e.next());
        } catch (ApiException e) {
            print(e.error(), messages);
        } catch (IOException e) {
            messages.println("error: " + e.getMessage());
            messages.println("try: trefoil doctor");
        } catch (InterruptedException e) {
            messages.println("error: interrupted; what was launched goes on");
            messages.println("try: trefoil demo --stop");
        }
        return 1;
    }

    static void print(ApiError error, PrintStream messages) {
        messages.println("error: " + error.message());
        if (error.detail() != null) {
            messages.println(error.detail());
        }
        if (error.next() != null) {
            messages.println("try: " + error.next());
        }
    }
}
