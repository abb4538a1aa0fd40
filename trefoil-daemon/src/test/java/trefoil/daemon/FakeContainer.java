package trefoil.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import trefoil.container.Console;
import trefoil.container.Container;
import trefoil.container.ContainerEngine.ExitListener;
import trefoil.container.ContainerFiles;
import trefoil.container.ContainerSpec;
import trefoil.container.ExecSpec;
import trefoil.container.Exit;
import trefoil.container.ResourceLimits;
import trefoil.container.Statistics;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;

/** A container of {@link World}. */
final class FakeContainer implements Container {
    private final World world;
    private final ContainerSpec spec;
    private final int pid;
    private final long startedAt = System.currentTimeMillis();
    private final FakeConsole console = new FakeConsole();
    volatile ExitListener listener;
    volatile ResourceLimits limits;
    volatile FakeProcess lastProcess;
    /** Executions wait for it. */
    volatile CountDownLatch mayExecute = new CountDownLatch(0);

    /** Whether a process waits for the next execution. */
    volatile boolean anticipated;

    private volatile boolean alive = true;
    private volatile boolean paused;

    FakeContainer(World world, ContainerSpec spec, int pid, ExitListener listener) {
        this.world = world;
        this.spec = spec;
        this.pid = pid;
        this.listener = listener;
        this.limits = spec.limits();
    }

    /** Its process 1 ends. */
    void end(Exit exit) {
        alive = false;
        console.watchers.forEach(Console.Watcher::closed);
        ExitListener told = listener;
        Thread.ofPlatform().start(() -> told.ended(this, exit));
    }

    @Override
    public ContainerSpec spec() {
        return spec;
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public long startedAt() {
        return startedAt;
    }

    @Override
    public boolean alive() {
        return alive;
    }

    @Override
    public void askToPowerOff() {
        if (!world.ignorePowerOff && world.running.remove(spec.name()) != null) {
            end(new Exit(-1, 2));
        }
    }

    @Override
    public void kill() {
        if (world.running.remove(spec.name()) != null) {
            end(new Exit(-1, 9));
        }
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
    }

    @Override
    public boolean paused() {
        return paused;
    }

    @Override
    public void limits(ResourceLimits now) {
        limits = now;
    }

    @Override
    public Statistics statistics() {
        return new Statistics(5, 6, 7, -1, 0, 3, 0, 0, 0, 1 << 20, 0.5, Double.NaN, 0);
    }

    @Override
    public Process exec(ExecSpec wanted) {
        try {
            mayExecute.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        lastProcess = new FakeProcess(wanted);
        return lastProcess;
    }

    @Override
    public void anticipate() {
        anticipated = true;
    }

    @Override
    public void relax() {
        anticipated = false;
    }

    @Override
    public FakeConsole console() {
        return console;
    }

    @Override
    public ContainerFiles files() {
        return files(world.contents(spec.name()));
    }

    @Override
    public FileDescriptor networkNamespace() {
        return new FileDescriptor(1_000_000, "no namespace");
    }

    /** A console that repeats what is typed. */
    static final class FakeConsole implements Console {
        final List<Watcher> watchers = new CopyOnWriteArrayList<>();
        volatile String size = "";

        @Override
        public AutoCloseable watch(Watcher watcher) {
            watcher.output("welcome\n".getBytes(StandardCharsets.UTF_8));
            watchers.add(watcher);
            return () -> watchers.remove(watcher);
        }

        @Override
        public void write(byte[] data) {
            watchers.forEach(w -> w.output(data.clone()));
        }

        @Override
        public void resize(int columns, int rows) {
            size = columns + "x" + rows;
        }
    }

    /** {@code cat} repeats its input; {@code yes} never stops; {@code exit N} ends with N. */
    static final class FakeProcess implements Process {
        private final ExecSpec wanted;
        private final java.util.concurrent.LinkedBlockingQueue<byte[]> out = new java.util.concurrent.LinkedBlockingQueue<>();
        private final java.util.concurrent.CompletableFuture<Exit> exit = new java.util.concurrent.CompletableFuture<>();
        final java.util.concurrent.atomic.AtomicLong produced = new java.util.concurrent.atomic.AtomicLong();
        volatile int signal;
        volatile boolean closed;

        FakeProcess(ExecSpec wanted) {
            this.wanted = wanted;
            if (wanted.command().getFirst().equals("exit")) {
                out.add("out".getBytes(StandardCharsets.UTF_8));
                end(new Exit(Integer.parseInt(wanted.command().get(1)), 0));
            }
        }

        private void end(Exit how) {
            out.add(new byte[0]);
            exit.complete(how);
        }

        @Override
        public int pid() {
            return 77;
        }

        @Override
        public void write(byte[] data, int offset, int length) {
            out.add(java.util.Arrays.copyOfRange(data, offset, offset + length));
        }

        @Override
        public void closeInput() {
            if (wanted.command().getFirst().equals("cat")) {
                end(new Exit(0, 0));
            }
        }

        @Override
        public int read(byte[] into) throws IOException {
            if (wanted.command().getFirst().equals("yes")) {
                if (closed) {
                    return -1;
                }
                produced.addAndGet(into.length);
                return into.length;
            }
            try {
                byte[] data = out.take();
                System.arraycopy(data, 0, into, 0, data.length);
                return data.length == 0 ? -1 : data.length;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public int readError(byte[] into) {
            return -1;
        }

        @Override
        public Exit carry(Output to, int lingerMillis) throws IOException, InterruptedException {
            byte[] buffer = new byte[1 << 15];
            for (int n = read(buffer); n >= 0; n = read(buffer)) {
                to.out(buffer, n);
            }
            return await();
        }

        @Override
        public void resize(int columns, int rows) {}

        @Override
        public void signal(int number) {
            signal = number;
            end(new Exit(-1, number));
        }

        @Override
        public Exit await() throws InterruptedException {
            try {
                return exit.get();
            } catch (java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            closed = true;
            if (!exit.isDone()) {
                end(new Exit(-1, 9));
            }
        }
    }

    /** Files that are kept there. */
    static ContainerFiles files(Map<String, byte[]> contents) {
        return new FakeFiles(contents);
    }

    /** A flat file system. */
    private record FakeFiles(Map<String, byte[]> files) implements ContainerFiles {
        private static final String LINK = "link to ";

        private byte[] find(String path) throws ErrnoException {
            byte[] content = files.get(path);
            if (content == null) {
                throw new ErrnoException("openat2(\"" + path + "\")", Errno.ENOENT);
            }
            return content;
        }

        @Override
        public Entry stat(String path) throws IOException {
            return path.equals("/etc")
                    ? new Entry("directory", 0755, 0, 0, 0, null)
                    : new Entry("file", 0644, 0, 0, find(path).length, null);
        }

        @Override
        public Entry lstat(String path) throws IOException {
            String content = path.equals("/etc") ? "" : new String(find(path), StandardCharsets.UTF_8);
            return content.startsWith(LINK) ? new Entry("symlink", 0777, 0, 0, 0, content.substring(LINK.length())) : stat(path);
        }

        @Override
        public void makeLink(String path, String target, int uid, int gid) {
            files.put(path, (LINK + target).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public List<String> list(String path) {
            return new ArrayList<>(List.of("hostname", "ü"));
        }

        @Override
        public void read(String path, OutputStream to) throws IOException {
            to.write(find(path));
        }

        @Override
        public void write(String path, InputStream from, int uid, int gid, int mode) throws IOException {
            files.put(path, new byte[0]);
            files.put(path, from.readAllBytes());
        }

        @Override
        public void makeDirectory(String path, int uid, int gid, int mode) {}

        @Override
        public void remove(String path) throws IOException {
            find(path);
            files.remove(path);
        }

        @Override
        public void close() {}
    }
}
