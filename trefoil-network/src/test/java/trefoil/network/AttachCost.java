package trefoil.network;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import trefoil.linux.FileDescriptor;

/** Prints what an attach and a detach cost. Not a test: {@code java … trefoil.network.AttachCost [servers]}. */
final class AttachCost {
    private AttachCost() {}

    public static void main(String[] arguments) throws Exception {
        int servers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
        try (Sandbox sandbox = new Sandbox()) {
            NetworkSpec net = sandbox.up("default");
            measure(sandbox, net, servers, Rates.NONE, "no limit");
            measure(sandbox, net, servers, Rates.NONE, "no limit");
            measure(sandbox, net, servers / 4, new Rates(100_000_000L, 100_000_000L), "both limits");
        }
    }

    private static void measure(Sandbox sandbox, NetworkSpec net, int n, Rates rates, String what) throws Exception {
        FileDescriptor[] namespaces = new FileDescriptor[n];
        Attachment[] attachments = new Attachment[n];
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < n; i++) {
            namespaces[i] = sandbox.namespace();
            attachments[i] = sandbox.networks.place(net, "s" + i, taken);
            taken.add(attachments[i].ipv4());
        }
        long[] attach = new long[n];
        long[] detach = new long[n];
        sandbox.onHost(() -> {
            long cpu = cpu();
            for (int i = 0; i < n; i++) {
                long start = System.nanoTime();
                sandbox.networks.attach(net, attachments[i], namespaces[i], rates);
                attach[i] = System.nanoTime() - start;
            }
            System.out.printf("CPU per attach, kernel and compiler included: %.2f ms%n", (cpu() - cpu) / 1e6 / n);
            for (int i = 0; i < n; i++) {
                long start = System.nanoTime();
                sandbox.networks.detach(net, attachments[i]);
                detach[i] = System.nanoTime() - start;
            }
        });
        System.out.printf("%-12s attach %s   detach %s%n", what, spread(attach), spread(detach));
    }

    private static long cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static String spread(long[] nanos) {
        Arrays.sort(nanos);
        return "median %.2f ms, p95 %.2f ms".formatted(nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 95 / 100] / 1e6);
    }
}
