package trefoil.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Open;

/**
 * What the next daemon must know of each container that runs: a small file each in the run directory. The first
 * {@link Keeper.Kept#SIZE} bytes are written by the keeper itself (the numbers of the descriptors that it keeps), the
 * rest is text. A record counts only for the keeper that it names: after a reboot there is another.
 */
final class Records {
    private static final String DIRECTORY = "containers";

    /** Bytes of a record: more than any has. */
    private static final int MOST = 1024;

    private final Path directory;
    private final Keeper keeper;
    private volatile Identity identity;
    /** What {@link #allToBeTaken} has read and {@link #take} has not taken. */
    private final Map<String, Record> read = new ConcurrentHashMap<>();

    private Records(Path directory, Keeper keeper, Identity identity) {
        this.directory = directory;
        this.keeper = keeper;
        this.identity = identity;
    }

    /** A keeper's process id, and words that no other process has. */
    private record Identity(int pid, String words) {}

    static Records open(Path runDirectory, Keeper keeper) throws IOException {
        Path directory = Files.createDirectories(runDirectory.resolve(DIRECTORY));
        return new Records(directory, keeper, identity(keeper.pid()));
    }

    /** Of the keeper of now: another takes the place of one that was killed. */
    private String keeper() throws IOException {
        Identity known = identity;
        int pid = keeper.pid();
        if (known.pid() != pid) {
            known = identity(pid);
            identity = known;
        }
        return known.words();
    }

    /** A process id and its start time in clock ticks since boot, proc_pid_stat(5) field 22, and the boot's id. */
    private static Identity identity(int pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        return new Identity(pid, pid + "-" + fields[19] + "-" + boot);
    }

    /**
     * One container.
     *
     * @param label of its control group and of its files for /proc; its name, unless it was begun before it had one
     * @param pid host's id of its process 1
     * @param startedAt milliseconds since the epoch
     */
    record Record(String name, String label, int pid, long startedAt, Keeper.Kept kept) {}

    /** A record that is being written: found as a draft alone, until {@link #commit}. */
    final class Draft implements AutoCloseable {
        private final String label;
        private final int pid;
        private final FileDescriptor file;

        private Draft(String label, int pid) throws IOException {
            this.label = label;
            this.pid = pid;
            int flags = Open.O_RDWR | Open.O_CREAT | Open.O_TRUNC | Open.O_NOFOLLOW;
            file = Open.open(draftOf(label).toString(), flags, 0600);
            try {
                write(0);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        }

        private void write(long startedAt) throws IOException {
            byte[] text = (keeper() + "\n" + pid + "\n" + startedAt + "\n" + label + "\n").getBytes(StandardCharsets.US_ASCII);
            Contents.pwrite(file, text, 0, text.length, Keeper.Kept.SIZE);
        }

        /** For the keeper to write to. */
        FileDescriptor file() {
            return file;
        }

        /** Makes it the record of a container. */
        void commit(String name, long startedAt) throws IOException {
            read.remove(name);
            write(startedAt);
            Files.move(draftOf(label), directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() {
            file.close();
        }
    }

    private Path draftOf(String label) {
        return directory.resolve("." + label);
    }

    /**
     * A draft.
     *
     * @param label the container's, see {@link Record}
     */
    Draft draft(String label, int pid) throws IOException {
        return new Draft(label, pid);
    }

    /** The record of a container; {@code null} when there is none that counts. */
    Record find(String name) throws IOException {
        return read(name, directory.resolve(name));
    }

    /** As {@link #find}, without reading again what {@link #allToBeTaken} has read; the second time it is read. */
    Record take(String name) throws IOException {
        Record known = read.remove(name);
        return known != null ? known : find(name);
    }

    /** A record that was never committed: what a daemon left that died during a start; {@code null} when there is none. */
    Record findDraft(String name) throws IOException {
        return read(name, draftOf(name));
    }

    /** The record, committed or not; {@code null} when there is none. */
    Record either(String name) throws IOException {
        Record record = find(name);
        return record != null ? record : findDraft(name);
    }

    private Record read(String name, Path file) throws IOException {
        byte[] bytes = new byte[MOST];
        int length;
        try (FileDescriptor open = Open.open(file.toString(), Open.O_RDONLY, 0)) {
            length = Contents.pread(open, bytes, 0, MOST, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return null;
        }
        if (length <= Keeper.Kept.SIZE) {
            return null;
        }
        String text = new String(bytes, Keeper.Kept.SIZE, length - Keeper.Kept.SIZE, StandardCharsets.US_ASCII);
        List<String> lines = Arrays.asList(text.split("\n", -1));
        if (lines.size() < 4 || !lines.get(0).equals(keeper())) {
            return null;
        }
        ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Keeper.Kept kept = new Keeper.Kept(numbers.getLong(0), numbers.getLong(8), numbers.getLong(16));
        String label = lines.get(3).isEmpty() ? name : lines.get(3); // daemons before labels wrote none
        return new Record(name, label, Integer.parseInt(lines.get(1)), Long.parseLong(lines.get(2)), kept);
    }

    /** Names of all containers with a record that counts. */
    List<Record> all() throws IOException {
        List<Record> records = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                Record record = name.startsWith(".") ? null : find(name);
                if (record != null) {
                    records.add(record);
                }
            }
        }
        return records;
    }

    /** {@link #all}, kept for {@link #take}. */
    List<Record> allToBeTaken() throws IOException {
        List<Record> all = all();
        all.forEach(record -> read.put(record.name(), record));
        return all;
    }

    void remove(String name) throws IOException {
        read.remove(name);
        Files.deleteIfExists(directory.resolve(name));
        Files.deleteIfExists(draftOf(name));
    }
}
