package trefoil.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** An engine of its own on a directory of its own, and everything that it made is gone after {@link #close}. */
final class EngineFixture implements AutoCloseable {
    final Path state;
    final Path layer;
    final String tag = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    ContainerEngine engine;
    private final Map<String, BlockingQueue<Exit>> exits = new ConcurrentHashMap<>();
    private final List<ContainerSpec> specs = new ArrayList<>();

    EngineFixture() throws IOException {
        state = Files.createTempDirectory("trefoil-engine");
        layer = Busybox.make(Files.createDirectory(state.resolve("layer")));
        reopen();
    }

    void reopen() throws IOException {
        engine = ContainerEngine.open(state.resolve("run"), tag, (container, exit) -> queue(container.spec().name()).add(exit));
    }

    private BlockingQueue<Exit> queue(String name) {
        return exits.computeIfAbsent(name, none -> new LinkedBlockingQueue<>());
    }

    ContainerSpec spec(String name, String... command) {
        int idBase = 0x4000_0000 + ThreadLocalRandom.current().nextInt(8000) * 65_536;
        ContainerSpec spec = new ContainerSpec(
                name, state.resolve("c").resolve(name), List.of(layer), List.of(command), Map.of(), idBase, ResourceLimits.NONE, null, false);
        specs.add(spec);
        return spec;
    }

    List<ContainerSpec> specs() {
        return specs;
    }

    /** Has it cleaned up at the end. */
    void track(ContainerSpec spec) {
        specs.add(spec);
    }

    ContainerSpec created(String name, String... command) throws IOException {
        ContainerSpec spec = spec(name, command);
        engine.create(spec);
        return spec;
    }

    Container start(String name, String... command) throws IOException {
        return engine.start(created(name, command), ContainerEngine.NetworkSetup.NONE);
    }

    Exit exit(String name) throws InterruptedException {
        Exit exit = queue(name).poll(10, TimeUnit.SECONDS);
        if (exit == null) {
            throw new AssertionError(name + " did not end within 10 s; console: " + log(name));
        }
        return exit;
    }

    String log(String name) {
        try {
            return Files.readString(state.resolve("c").resolve(name).resolve(ContainerEngine.CONSOLE_LOG), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    /** What a command inside prints; its standard error too when it fails. */
    static String output(Container container, String... command) throws IOException, InterruptedException {
        return output(container, new ExecSpec(List.of(command), Map.of(), "root", null, false, 0, 0));
    }

    static String output(Container container, ExecSpec spec) throws IOException, InterruptedException {
        try (Container.Process process = container.exec(spec)) {
            process.closeInput();
            String text = all(process, false);
            String error = spec.terminal() ? "" : all(process, true);
            Exit exit = process.await();
            return exit.shellStatus() == 0 ? text : text + error + "[" + exit.shellStatus() + "]";
        }
    }

    static String all(Container.Process process, boolean error) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[4096];
        int n = error ? process.readError(buffer) : process.read(buffer);
        while (n >= 0) {
            text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
            n = error ? process.readError(buffer) : process.read(buffer);
        }
        return text.toString();
    }

    /** As a daemon that dies. */
    void letGo() {
        engine.close();
        engine = null;
    }

    @Override
    public void close() throws IOException {
        if (engine == null) {
            reopen();
        }
        for (ContainerSpec spec : specs) {
            engine.clean(spec);
            engine.delete(spec);
        }
        engine.retire();
        Busybox.delete(state);
    }
}
