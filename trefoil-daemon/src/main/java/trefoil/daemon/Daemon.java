package trefoil.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import trefoil.api.HostInfo;
import trefoil.api.HostResources;
import trefoil.daemon.database.Database;
import trefoil.daemon.doctor.Doctor;
import trefoil.daemon.event.Events;
import trefoil.daemon.http.HttpServer;
import trefoil.daemon.http.PeerAccess;
import trefoil.daemon.http.Route;
import trefoil.daemon.http.Router;
import trefoil.daemon.journal.Crashpoint;
import trefoil.daemon.ledger.HostFigures;
import trefoil.daemon.lifecycle.Delay;
import trefoil.daemon.lifecycle.Engine;
import trefoil.daemon.lifecycle.HostNetworks;
import trefoil.daemon.lifecycle.Hosting;
import trefoil.daemon.lifecycle.IdRanges;
import trefoil.daemon.lifecycle.ImageShelf;
import trefoil.daemon.lifecycle.Parts;
import trefoil.daemon.operation.Failures;
import trefoil.daemon.operation.Operations;
import trefoil.daemon.resource.FileRoutes;
import trefoil.daemon.resource.HostRoutes;
import trefoil.daemon.resource.ImageRoutes;
import trefoil.daemon.resource.NetworkRoutes;
import trefoil.daemon.resource.OperationRoutes;
import trefoil.daemon.resource.ServerRoutes;
import trefoil.daemon.resource.StreamRoutes;

/** One daemon on one state directory, from its start to its end. */
public final class Daemon implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Daemon.class.getName());
    /** How long a server is asked to stop, at the daemon's end with {@code servers=stop}, before it is killed. */
    private static final int GRACE_SECONDS = 20;

    /** How long work that is under way has to finish at the daemon's end. */
    private static final Duration LAST_WORK = Duration.ofSeconds(10);

    private final StateDirectory directory;
    private final InstanceLock lock;
    private final Database database;
    private final Hosting hosting;
    private final HttpServer http;
    private final Operations operations;
    private final Events events = new Events();
    private final long started = System.currentTimeMillis();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean stopServers;

    /** The daemon's own way to the host. */
    public static Parts parts(StateDirectory directory) {
        return new Parts(
                Engine.kernel(directory.run(), directory.tag()), ImageShelf.in(directory.images()),
                HostNetworks.kernel(directory.run(), directory.tag()), HostFigures.ofProc(directory.state()),
                Delay.BY_CLOCK, Crashpoint.NONE);
    }

    /** Starts: takes the lock, sets right and adopts what an earlier daemon left, listens. Returns when the socket accepts. */
    public static Daemon start(StateDirectory directory, HostConfiguration configuration, Parts parts)
            throws IOException, InterruptedException {
        directory.make();
        InstanceLock lock = InstanceLock.take(directory.lock());
        Database database = null;
        try {
            database = Database.open(directory.database());
            Daemon daemon = new Daemon(directory, configuration, parts, lock, database);
            daemon.begin();
            return daemon;
        } catch (IOException | RuntimeException | InterruptedException e) {
            if (database != null) {
                database.close();
            }
            lock.close();
            throw e;
        }
    }

    private Daemon(
            StateDirectory directory, HostConfiguration configuration, Parts parts, InstanceLock lock, Database database)
            throws IOException {
        this.directory = directory;
        this.lock = lock;
        this.database = database;
        Failures failures = new Failures();
        this.operations = new Operations(events, failures);
        this.hosting = new Hosting(
                parts, directory.servers(), configuration.reserve(), new IdRanges(configuration.firstId(), Path.of("/etc")),
                configuration.ahead(),
                database, events, operations);
        Doctor doctor = new Doctor(hosting, directory.log());
        List<Route> routes = new ArrayList<>();
        routes.addAll(new HostRoutes(this::info, this::resources, doctor::findings, events, this::askToEnd).routes());
        routes.addAll(new OperationRoutes(operations).routes());
        routes.addAll(new ServerRoutes(hosting.servers()).routes());
        routes.addAll(new StreamRoutes(hosting.servers(), operations, hosting.anticipation()).routes());
        routes.addAll(new FileRoutes(hosting.files()).routes());
        routes.addAll(new ImageRoutes(
                hosting.images(), hosting.registry(), hosting::leaveImage, operations, events, hosting.ledger(), directory.uploads())
                .routes());
        routes.addAll(new NetworkRoutes(hosting.networks()).routes());
        this.http = new HttpServer(directory.socket(), new Router(routes), new PeerAccess(Path.of("/etc/group")), failures);
    }

    private void begin() throws IOException, InterruptedException {
        Thread.ofPlatform().daemon().name("http-preparation").start(http::prepare);
        emptyUploads();
        for (String failure : hosting.servers().recover()) {
            LOG.log(Level.ERROR, "left from an earlier daemon: {0}", failure);
        }
        http.start();
        LOG.log(Level.INFO, "Trefoil {0} listens on {1}", version(), directory.socket());
    }

    private void emptyUploads() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory.uploads())) {
            for (Path file : left) {
                Files.delete(file);
            }
        }
    }

    /** The routes that it answers. */
    public List<Route> routes() {
        return http.routes();
    }

    /** The lifecycle behind the routes. */
    Hosting hosting() {
        return hosting;
    }

    /** Where it keeps things. */
    StateDirectory directory() {
        return directory;
    }

    /** What happens is told here. */
    Events events() {
        return events;
    }

    private HostInfo info() {
        return new HostInfo(
                version(), ProcessHandle.current().pid(), started, directory.state().toString(), List.of("os"), Constants.OS,
                hosting.ledger().host().kernel(), architecture());
    }

    private HostResources resources() {
        return hosting.ledger().resources(
                hosting.servers().ownMemory(),
                hosting.ledger().host().processCpuNanos(ProcessHandle.current().pid()));
    }

    /** What does not change while the daemon runs. */
    private static final class Constants {
        static final String VERSION = readVersion();
        static final String OS = readOsName();
    }

    /** The version that was built. */
    static String version() {
        return Constants.VERSION;
    }

    private static String readVersion() {
        Properties properties = new Properties();
        try (InputStream in = Daemon.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("the module lacks its version", e);
        }
        return properties.getProperty("version");
    }

    private static String readOsName() {
        try {
            for (String line : Files.readAllLines(Path.of("/etc/os-release"), StandardCharsets.UTF_8)) {
                if (line.startsWith("PRETTY_NAME=")) {
                    return line.substring("PRETTY_NAME=".length()).replace("\"", "");
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "no /etc/os-release", e);
        }
        return "Linux";
    }

    /** Debian's word for the architecture (dpkg-architecture(1)). */
    private static String architecture() {
        return Map.of("amd64", "amd64", "aarch64", "arm64").getOrDefault(System.getProperty("os.arch"), System.getProperty("os.arch"));
    }

    private void askToEnd(boolean servers) {
        stopServers = servers;
        end.countDown();
    }

    /** Waits until a client asks for the end. */
    public void awaitEnd() throws InterruptedException {
        end.await();
    }

    /** Ends: no more requests, and servers go on unless a client asked for their end too. */
    @Override
    public void close() throws IOException {
        try {
            if (stopServers) {
                hosting.servers().stopAll(GRACE_SECONDS);
                operations.end(LAST_WORK);
                hosting.servers().offHost();
            }
            operations.end(LAST_WORK);
            if (!stopServers) {
                hosting.servers().offHostIfIdle();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            http.close();
            hosting.close();
            database.close();
            lock.close();
        }
    }

    /** For tests: lets go of files and sockets as the kernel would after {@code kill -9}, and does nothing else. */
    void die() throws IOException {
        http.close();
        hosting.die();
        database.close();
        lock.close();
    }
}
