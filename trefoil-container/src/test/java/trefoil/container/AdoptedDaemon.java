package trefoil.container;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A daemon that starts containers and says so, then waits to be killed. Run by {@link AdoptionTest} as a process of its own. */
final class AdoptedDaemon {
    private AdoptedDaemon() {}

    public static void main(String[] args) throws Exception {
        Path state = Path.of(args[0]);
        ContainerEngine engine = ContainerEngine.open(state.resolve("run"), args[1], (container, exit) -> {});
        int idBase = Integer.parseInt(args[2]);
        for (int i = 3; i < args.length; i += 2) {
            ContainerSpec spec = spec(state, args[i], args[i + 1], idBase);
            engine.create(spec);
            engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        }
        System.out.println("started");
        new CountDownLatch(1).await(); // until it is killed
    }

    static ContainerSpec spec(Path state, String name, String script, int idBase) {
        return new ContainerSpec(
                name,
                state.resolve("c").resolve(name),
                List.of(state.resolve("layer")),
                List.of("/bin/sh", "-c", script),
                Map.of(),
                idBase,
                ResourceLimits.NONE,
                null,
                false);
    }
}
