package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import trefoil.api.Pressure;
import trefoil.container.Container;
import trefoil.container.ContainerEngine.ExitListener;
import trefoil.container.ContainerEngine.Meanwhile;
import trefoil.container.ContainerEngine.NetworkSetup;
import trefoil.container.ContainerException;
import trefoil.container.ContainerFiles;
import trefoil.container.ContainerSpec;
import trefoil.container.Exit;
import trefoil.container.IncompatibleImageException;
import trefoil.container.RootDisk;
import trefoil.daemon.journal.Crashpoint;
import trefoil.daemon.ledger.HostFigures;
import trefoil.daemon.lifecycle.Delay;
import trefoil.daemon.lifecycle.Engine;
import trefoil.daemon.lifecycle.HostNetworks;
import trefoil.daemon.lifecycle.ImageShelf;
import trefoil.daemon.lifecycle.Parts;
import trefoil.image.ImageException;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.linux.FileDescriptor;
import trefoil.network.Attachment;
import trefoil.network.Check;
import trefoil.network.Forward;
import trefoil.network.NetworkException;
import trefoil.network.NetworkSpec;
import trefoil.network.Rates;
import trefoil.network.Traffic;

/** A host without a kernel: what containers run, what networks are up, what images there are. It survives the daemons that work on it. */
public final class World {
    /** Name of the image that is in the store from the start. */
    public static final String IMAGE = "debian:12";

    /** Begins no servers ahead of need: nothing happens but what a test asks for. */
    static final HostConfiguration CONFIGURATION = ahead(0);

    final Map<String, FakeContainer> running = new ConcurrentHashMap<>();
    final Map<String, Exit> endedUnseen = new ConcurrentHashMap<>();
    final Set<String> up = ConcurrentHashMap.newKeySet();
    final Map<String, Attachment> leases = new ConcurrentHashMap<>();
    /** How often a server was taken off its network. */
    final AtomicInteger detachments = new AtomicInteger();
    /** Labels of what is begun. */
    final Set<String> begun = ConcurrentHashMap.newKeySet();
    /** Names of containers that were begun before they were asked for. */
    final Set<String> fromBegun = ConcurrentHashMap.newKeySet();
    final List<StoredImage> images = new CopyOnWriteArrayList<>();
    final List<Later> later = new CopyOnWriteArrayList<>();
    volatile List<Forward> forwards = List.of();
    volatile Rates rates = Rates.NONE;
    volatile boolean ignorePowerOff;
    volatile boolean buildWaits;
    volatile boolean addressless;
    volatile Exit exitAtOnce;
    volatile String failure = "";
    /** How often it still does; any number below zero: always. */
    volatile int failuresLeft = -1;
    volatile boolean exhausted;
    volatile long memoryTotal = 24L << 30;
    volatile long diskFree = 200L << 30;
    volatile int retirements;
    volatile int processIds = 4_000_000;

    /** Sizes of disks that were grown. */
    final Map<String, Long> disks = new ConcurrentHashMap<>();
    private final Map<String, Map<String, byte[]>> files = new ConcurrentHashMap<>();

    /** Contents of a server's files. */
    Map<String, byte[]> contents(String server) {
        return files.computeIfAbsent(
                server, name -> new ConcurrentHashMap<>(Map.of("/etc/hostname", "one\n".getBytes(StandardCharsets.UTF_8))));
    }

    /** Something that the daemon wants to do later. */
    record Later(Duration pause, Runnable work) {}

    World() {
        images.add(image(IMAGE, 'a'));
    }

    static StoredImage image(String alias, char digit) {
        return new StoredImage(
                String.valueOf(digit).repeat(64), List.of(alias), "Debian GNU/Linux 12", "debian", "amd64",
                List.of(Path.of("/nowhere")), List.of("sha256:" + digit), 1000, Instant.ofEpochSecond(1), "debian",
                List.of(), Map.of("LANG", "C.UTF-8"), "", "");
    }

    /** What a daemon is put together from to live in this world. */
    Parts parts(Crashpoint crashpoint) {
        Delay delay = (pause, work) -> later.add(new Later(pause, work));
        return new Parts(listener -> new FakeEngine(listener, crashpoint), FakeImages::new, () -> new FakeNetworks(crashpoint), new FakeFigures(), delay, crashpoint);
    }

    /** A container's process 1 ends by itself. */
    void end(String name, Exit exit) {
        FakeContainer container = running.remove(name);
        if (container == null) {
            throw new IllegalStateException(name + " does not run");
        }
        container.end(exit);
    }

    /** Runs what the daemon wanted to do later. */
    void timePasses() {
        List<Later> due = List.copyOf(later);
        later.removeAll(due);
        due.forEach(work -> work.work().run());
    }

    /** The usual configuration, but so many servers are kept begun. */
    static HostConfiguration ahead(int servers) {
        return new HostConfiguration(HostConfiguration.DEFAULT.reserve(), HostConfiguration.DEFAULT.firstId(), servers);
    }

    private void maybeFail(String step) throws ContainerException {
        if (failuresLeft == 0) {
            failure = "";
        }
        if (failure.equals(step)) {
            failuresLeft--;
            throw new ContainerException(step + " went wrong", "try again", null);
        }
    }

    /** The engine that works on this world. */
    final class FakeEngine implements Engine {
        private final ExitListener listener;
        private final Crashpoint crashpoint;

        FakeEngine(ExitListener listener, Crashpoint crashpoint) {
            this.listener = listener;
            this.crashpoint = crashpoint;
        }

        @Override
        public void check(List<Path> layers, List<String> command) throws ContainerException {
            if (failure.equals("check")) {
                throw new IncompatibleImageException("e_machine", "/sbin/init is for aarch64", "full");
            }
        }

        @Override
        public void create(ContainerSpec spec) throws ContainerException {
            crashpoint.at("engine: before files");
            make(spec.directory());
            crashpoint.at("engine: half of the files");
            make(spec.directory().resolve("upper"));
            maybeFail("create");
            if (exhausted) {
                throw new ContainerException("no space for " + spec.name(), "free some", null);
            }
        }

        private void make(Path directory) throws ContainerException {
            try {
                Files.createDirectory(directory);
            } catch (IOException e) {
                throw new ContainerException("cannot make " + directory, null, e);
            }
        }

        @Override
        public Container start(ContainerSpec spec, NetworkSetup network) throws ContainerException {
            if (!Files.isDirectory(spec.directory().resolve("upper"))) {
                throw new ContainerException(spec.directory() + " has no files", null, null);
            }
            crashpoint.at("engine: before start");
            if (running.containsKey(spec.name())) {
                throw new ContainerException(spec.name() + " already runs", null, null);
            }
            FakeContainer container = new FakeContainer(World.this, spec, processIds++, listener);
            running.put(spec.name(), container);
            crashpoint.at("engine: a process but no network");
            try {
                network.into(null);
                maybeFail("start");
            } catch (IOException e) {
                running.remove(spec.name());
                throw e instanceof ContainerException c ? c : new ContainerException("no network: " + e.getMessage(), null, e);
            }
            crashpoint.at("engine: started");
            if (exitAtOnce != null) {
                end(spec.name(), exitAtOnce);
            }
            return container;
        }

        @Override
        public Begun begin(ContainerSpec spec, NetworkSetup network) throws ContainerException {
            crashpoint.at("engine: before begin");
            maybeFail("begin");
            create(spec);
            begun.add(spec.name());
            crashpoint.at("engine: a beginning but no network");
            try {
                network.into(null);
            } catch (IOException e) {
                begun.remove(spec.name());
                throw e instanceof ContainerException c ? c : new ContainerException("no network: " + e.getMessage(), null, e);
            }
            return new FakeBegun(this, spec);
        }

        @Override
        public Optional<Container> adopt(ContainerSpec spec) {
            FakeContainer container = running.get(spec.name());
            if (container != null) {
                container.listener = listener;
                return Optional.of(container);
            }
            Exit exit = endedUnseen.remove(spec.name());
            if (exit == null) {
                return Optional.empty();
            }
            FakeContainer dead = new FakeContainer(World.this, spec, processIds++, listener);
            dead.end(exit);
            return Optional.of(dead);
        }

        @Override
        public void clean(ContainerSpec spec) {
            crashpoint.at("engine: before clean");
            running.remove(spec.name());
            begun.remove(spec.name());
            crashpoint.at("engine: cleaned");
        }

        @Override
        public void delete(ContainerSpec spec) throws ContainerException {
            if (running.containsKey(spec.name())) {
                throw new ContainerException(spec.name() + " runs", null, null);
            }
            maybeFail("delete");
            try {
                Files.deleteIfExists(spec.directory().resolve("upper"));
                crashpoint.at("engine: half of the files deleted");
                Files.deleteIfExists(spec.directory().resolve("console.log"));
                Files.deleteIfExists(spec.directory());
            } catch (IOException e) {
                throw new ContainerException("cannot delete " + spec.directory(), null, e);
            }
        }

        @Override
        public ContainerFiles files(ContainerSpec spec) throws ContainerException {
            maybeFail("files");
            return FakeContainer.files(contents(spec.name()));
        }

        @Override
        public RootDisk.Growth growDisk(ContainerSpec spec) throws ContainerException {
            maybeFail("grow");
            disks.put(spec.name(), spec.disk());
            return running.containsKey(spec.name()) ? RootDisk.Growth.AT_NEXT_START : RootDisk.Growth.NOW;
        }

        @Override
        public long keeperMemory() {
            return 20_000;
        }

        @Override
        public boolean idle() {
            return running.isEmpty();
        }

        @Override
        public void retire() throws ContainerException {
            retirements++;
            if (!running.isEmpty()) {
                throw new ContainerException("containers run", null, null);
            }
        }

        @Override
        public void close() {}
    }

    /** What the engine of this world began. */
    final class FakeBegun implements Engine.Begun {
        private final FakeEngine engine;
        private final ContainerSpec spec;

        FakeBegun(FakeEngine engine, ContainerSpec spec) {
            this.engine = engine;
            this.spec = spec;
        }

        @Override
        public boolean waits() {
            return begun.contains(spec.name());
        }

        @Override
        public Container start(ContainerSpec wanted, Meanwhile meanwhile) throws ContainerException {
            engine.crashpoint.at("engine: before start from what was begun");
            assertThat(wanted.layers()).isEqualTo(spec.layers());
            try {
                Files.move(spec.directory(), wanted.directory());
            } catch (IOException e) {
                throw new ContainerException("cannot move " + spec.directory(), null, e);
            }
            engine.crashpoint.at("engine: moved what was begun");
            begun.remove(spec.name());
            fromBegun.add(wanted.name());
            return engine.start(wanted, namespace -> meanwhile.work());
        }

        @Override
        public void close() {
            begun.remove(spec.name());
        }
    }

    /** The images of this world. */
    final class FakeImages implements ImageShelf {
        @Override
        public trefoil.image.machine.MachineImage machineImage(String reference, long diskBytes, Progress progress) {
            throw new UnsupportedOperationException("no test here starts a machine");
        }

        @Override
        public trefoil.image.machine.MachineImage machineImage(String reference, long diskBytes, java.nio.file.Path note, Progress progress) {
            return machineImage(reference, diskBytes, progress);
        }

        @Override
        public void sweepMachineImages(java.util.Collection<java.nio.file.Path> notes) {
            // holds none
        }

        @Override
        public List<StoredImage> list() {
            return images;
        }

        @Override
        public Optional<StoredImage> find(String reference) {
            return images.stream()
                    .filter(i -> i.aliases().contains(reference) || i.fingerprint().startsWith(reference) && reference.length() >= 12)
                    .findFirst();
        }

        @Override
        public StoredImage build(String name, boolean force, Progress progress) throws ImageException {
            if (!name.startsWith("debian:")) {
                throw new ImageException(ImageException.Reason.NOT_FOUND, "nobody knows how to build " + name, "trefoil image list", null);
            }
            progress.at("packages", 1, 2, "packages");
            if (buildWaits) {
                try {
                    new CountDownLatch(1).await(); // until it is interrupted
                } catch (InterruptedException e) {
                    throw new ImageException(ImageException.Reason.SOURCE_FAILED, "interrupted", null, e);
                }
            }
            StoredImage built = image(name, 'b');
            images.add(built);
            return built;
        }

        @Override
        public StoredImage importFile(Path file, String name, String alias, Progress progress) throws ImageException {
            try {
                if (Files.size(file) < 10) {
                    throw new ImageException(ImageException.Reason.BAD_IMAGE, name + " is not an archive", null, null);
                }
            } catch (ImageException e) {
                throw e;
            } catch (IOException e) {
                throw new ImageException(ImageException.Reason.BAD_IMAGE, "unreadable", null, e);
            }
            StoredImage imported = image(alias == null ? "imported" : alias, 'c');
            images.add(imported);
            return imported;
        }

        @Override
        public void export(String reference, OutputStream out, Progress progress) throws ImageException {
            try {
                out.write("a tarball".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new ImageException(ImageException.Reason.DISK_FULL, "cannot write", null, e);
            }
        }

        @Override
        public void delete(String reference) {
            images.removeIf(i -> i.aliases().contains(reference) || i.fingerprint().equals(reference));
        }

        @Override
        public void close() {}
    }

    /** The networks of this world. */
    final class FakeNetworks implements HostNetworks {
        private final Crashpoint crashpoint;

        FakeNetworks(Crashpoint crashpoint) {
            this.crashpoint = crashpoint;
        }

        private static String six(NetworkSpec network, int host) {
            return network.ipv6() == null ? null : network.ipv6().substring(0, network.ipv6().indexOf("::") + 2) + host;
        }

        @Override
        public void attachTap(NetworkSpec network, Attachment attachment, Rates rates) {
            throw new UnsupportedOperationException("no test here starts a machine");
        }

        @Override
        public NetworkSpec choose(String name, String ipv4, String ipv6, boolean nat, String domain, Set<String> taken) {
            String chosen = ipv4 == null ? "10.77." + taken.size() + ".1/24" : ipv4.equals("none") ? null : ipv4;
            return new NetworkSpec(name, "tf" + name, chosen, ipv6 == null || ipv6.equals("none") ? null : ipv6, nat, domain);
        }

        @Override
        public void up(NetworkSpec network) throws NetworkException {
            crashpoint.at("networks: before up");
            up.add(network.bridge());
            if (failure.equals("up")) {
                throw new NetworkException("no bridge", "trefoil doctor", null);
            }
            crashpoint.at("networks: up");
        }

        @Override
        public void down(NetworkSpec network) throws NetworkException {
            crashpoint.at("networks: before down");
            up.remove(network.bridge());
            if (failure.equals("down")) {
                throw new NetworkException("the bridge is busy", "trefoil doctor", null);
            }
        }

        @Override
        public Attachment place(NetworkSpec network, String serverName, Set<String> taken) {
            String prefix = network.ipv4().substring(0, network.ipv4().lastIndexOf('.') + 1);
            int host = 2;
            while (taken.contains(prefix + host)) {
                host++;
            }
            return new Attachment(network.name(), serverName, "ve" + host, "02:00:00:00:00:" + host, prefix + host, six(network, host));
        }

        @Override
        public void attach(NetworkSpec network, Attachment attachment, FileDescriptor namespace, Rates at)
                throws NetworkException {
            if (!up.contains(network.bridge())) {
                throw new NetworkException("there is no bridge " + network.bridge(), null, null);
            }
            leases.put(attachment.serverName(), attachment);
            crashpoint.at("networks: attached");
        }

        @Override
        public void rename(NetworkSpec network, Attachment before, Attachment after) {
            crashpoint.at("networks: before rename");
            leases.remove(before.serverName());
            leases.put(after.serverName(), after);
            crashpoint.at("networks: renamed");
        }

        @Override
        public void detach(NetworkSpec network, Attachment attachment) {
            crashpoint.at("networks: before detach");
            leases.remove(attachment.serverName());
            detachments.incrementAndGet();
        }

        @Override
        public void rates(Attachment attachment, Rates now) {
            crashpoint.at("networks: change");
            rates = now;
        }

        @Override
        public void forwards(List<Forward> wanted) throws NetworkException {
            crashpoint.at("networks: change");
            if (failure.equals("forwards") && !wanted.isEmpty()) {
                throw new NetworkException("something else listens on port " + wanted.getFirst().hostPort(), null, null);
            }
            forwards = wanted;
        }

        @Override
        public Traffic traffic(Attachment attachment) {
            return new Traffic(11, 22);
        }

        @Override
        public List<String> addresses(FileDescriptor namespace) {
            return addressless ? List.of() : List.of("10.77.0.9");
        }

        @Override
        public List<Check> doctor(List<NetworkSpec> specs) {
            return List.of(new Check("forwarding", "ok", "on", null));
        }

        @Override
        public void purge(List<NetworkSpec> specs) {
            crashpoint.at("networks: change");
            up.clear();
        }

        @Override
        public void close() {}
    }

    /** Eight CPUs. */
    final class FakeFigures implements HostFigures {
        @Override
        public int cpus() {
            return 8;
        }

        @Override
        public Memory memory() {
            return new Memory(memoryTotal, memoryTotal / 2, 0, 0);
        }

        @Override
        public Disk disk() {
            return new Disk(400L << 30, diskFree);
        }

        @Override
        public CpuTicks ticks() {
            return new CpuTicks(System.nanoTime() / 20_000_000, System.nanoTime() / 10_000_000);
        }

        @Override
        public Pressure pressure() {
            return new Pressure(0.0, 0.0, 0.0);
        }

        @Override
        public String kernel() {
            return "6.1.0";
        }

        @Override
        public String hardwareVirtualization() {
            return "none";
        }

        @Override
        public String cgroupFlavor() {
            return "hybrid";
        }

        @Override
        public long mostTasks() {
            return 32_768;
        }

        @Override
        public long processMemory(long pid) {
            return 100 << 20;
        }

        @Override
        public long processCpuNanos(long pid) {
            return 1_000_000;
        }
    }

    /** What of a server is there: for comparing before and after. */
    Map<String, Set<String>> traces(Path servers) throws IOException {
        Map<String, Set<String>> traces = new TreeMap<>();
        Set<String> files = new TreeSet<>();
        try (var found = Files.walk(servers)) {
            found.filter(path -> !path.equals(servers)).forEach(path -> files.add(servers.relativize(path).toString()));
        }
        traces.put("files", files);
        traces.put("running", new TreeSet<>(running.keySet()));
        traces.put("leases", new TreeSet<>(leases.keySet()));
        return traces;
    }

}
