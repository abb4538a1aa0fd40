package trefoil.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * For trying the engine by hand and measuring it; not a test.
 *
 * <pre>
 * Trial boot ROOT SECONDS COMMAND…   boots the image, shows its console, runs each command by sh -c, powers it off
 * Trial many N                       starts N idle containers, adopts them all anew
 * Trial bench N                      median times of start to exit and of exec, on busybox
 * </pre>
 */
final class Trial {
    private Trial() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "boot" -> boot(Path.of(args[1]), Integer.parseInt(args[2]), List.of(args).subList(3, args.length));
            case "many" -> many(Integer.parseInt(args[1]));
            case "bench" -> bench(Integer.parseInt(args[1]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static ContainerSpec spec(String name, Path state, Path layer, String... command) {
        int idBase = 0x4000_0000 + ThreadLocalRandom.current().nextInt(8000) * 65_536;
        return new ContainerSpec(
                name, state.resolve(name), List.of(layer), List.of(command), Map.of(), idBase, ResourceLimits.NONE, null, false);
    }

    private static void boot(Path root, int seconds, List<String> commands) throws Exception {
        Path state = Files.createTempDirectory("trefoil-trial");
        LinkedBlockingQueue<Exit> exits = new LinkedBlockingQueue<>();
        String tag = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        ContainerEngine engine = ContainerEngine.open(state.resolve("run"), tag, (container, exit) -> exits.add(exit));
        ContainerSpec spec = spec("debian", state, root);
        try {
            engine.create(spec);
            Container container = engine.start(spec, ContainerEngine.NetworkSetup.NONE);
            container.console().watch(data -> System.out.writeBytes(data));
            Exit early = exits.poll(seconds, TimeUnit.SECONDS);
            if (early != null) {
                System.out.println("ended: " + early);
                return;
            }
            for (String command : commands) {
                System.out.println("$ " + command + "\n" + EngineFixture.output(container, "/bin/sh", "-c", command));
            }
            System.out.println("keeper " + engine.keeperMemory() + " bytes");
            container.askToPowerOff();
            System.out.println("ended: " + exits.poll(30, TimeUnit.SECONDS));
        } finally {
            engine.clean(spec);
            engine.delete(spec);
            engine.retire();
            Busybox.delete(state);
        }
    }

    private static void bench(int n) throws Exception {
        try (EngineFixture host = new EngineFixture()) {
            double[] starts = new double[n];
            double[] execs = new double[n];
            for (int i = 0; i < n; i++) {
                ContainerSpec spec = host.created("b" + i, "/bin/sh", "-c", "echo hi");
                long begin = System.nanoTime();
                host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
                host.exit("b" + i);
                starts[i] = (System.nanoTime() - begin) / 1e6;
            }
            Container live = host.start("live", "/bin/sleep", "10000");
            for (int i = 0; i < n; i++) {
                long begin = System.nanoTime();
                EngineFixture.output(live, "/bin/true");
                execs[i] = (System.nanoTime() - begin) / 1e6;
            }
            print("start to exit", starts);
            print("exec", execs);
            System.out.println("keeper " + host.engine.keeperMemory() + " bytes");
            live.kill();
            host.exit("live");
        }
    }

    private static void many(int n) throws Exception {
        try (EngineFixture host = new EngineFixture()) {
            long begin = System.nanoTime();
            for (int i = 0; i < n; i++) {
                host.start("m" + i, "/bin/sleep", "100000");
            }
            System.out.printf("%d started in %.1f s; keeper %d bytes%n", n, (System.nanoTime() - begin) / 1e9, host.engine.keeperMemory());
            host.letGo();
            begin = System.nanoTime();
            host.reopen();
            for (ContainerSpec spec : host.specs()) {
                host.engine.adopt(spec).orElseThrow();
            }
            System.out.printf("adopted in %.2f s, load %s%n", (System.nanoTime() - begin) / 1e9, Files.readString(Path.of("/proc/loadavg")).strip());
            double[] execs = new double[50];
            Container last = host.engine.adopt(host.specs().getLast()).orElseThrow();
            for (int i = 0; i < execs.length; i++) {
                begin = System.nanoTime();
                EngineFixture.output(last, "/bin/true");
                execs[i] = (System.nanoTime() - begin) / 1e6;
            }
            print("exec", execs);
        }
    }

    private static void print(String what, double[] times) throws IOException {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        System.out.printf(
                "%s: median %.2f ms, p10 %.2f, p90 %.2f, load %s%n",
                what,
                sorted[sorted.length / 2],
                sorted[sorted.length / 10],
                sorted[sorted.length * 9 / 10],
                Files.readString(Path.of("/proc/loadavg")).strip());
    }
}
