package trefoil.daemon.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.Configuration;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import trefoil.container.ContainerException;

/**
 * The program that a machine's container runs, as layers of its root: the Java that runs this daemon, and a directory with Trefoil's modules and the C libraries that Java loads. The directory is made once for each build of
 * Trefoil. Thread-safe.
 */
public final class MachineProgram {
    /** Where the modules lie in the container. */
    static final String MODULES = "/trefoil";

    private static final String MODULE = "trefoil.vmm";
    private static final List<String> PLACES = List.of("/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/usr/lib64");
    private static final String LOADER = "ld-linux-x86-64.so.2";
    private static final List<String> LIBRARIES = List.of("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libz.so.1", "libzstd.so.1", "libgcc_s.so.1", "libstdc++.so.6");
    private static final List<String> MOUNT_POINTS = List.of("dev", "proc", "sys", "run", "tmp", "etc");

    private final Path directory;
    private Path made;

    /** @param directory the programs' own */
    public MachineProgram(Path directory) {
        this.directory = directory;
    }

    /** The layers, lowest first. */
    public synchronized List<Path> layers() throws IOException {
        if (made == null) {
            made = make();
        }
        return List.of(Path.of(System.getProperty("java.home")), made);
    }

    private Path make() throws IOException {
        Map<String, Path> modules = modules();
        Path place = directory.resolve("program-" + stamp(modules));
        if (Files.isDirectory(place)) {
            return place;
        }
        Files.createDirectories(directory);
        Path half = directory.resolve("new");
        remove(half);
        for (String mountPoint : MOUNT_POINTS) {
            Files.createDirectories(half.resolve(mountPoint));
        }
        for (Map.Entry<String, Path> module : modules.entrySet()) {
            copy(module.getValue(), half.resolve(MODULES.substring(1)).resolve(module.getKey() + (Files.isDirectory(module.getValue()) ? "" : ".jar")));
        }
        copy(library(LOADER), half.resolve("lib64").resolve(LOADER));
        for (String name : LIBRARIES) {
            Path library = library(name);
            if (library != null) {
                copy(library, half.resolve("lib/x86_64-linux-gnu").resolve(name));
            }
        }
        readable(half);
        Files.move(half, place, StandardCopyOption.ATOMIC_MOVE);
        return place;
    }

    /** By name: the machine's module and those that it reads, without Java's own. */
    private static Map<String, Path> modules() throws ContainerException {
        Map<String, Path> found = new TreeMap<>();
        Configuration configuration = ModuleLayer.boot().configuration();
        ResolvedModule module = configuration.findModule(MODULE).orElseThrow(() -> new ContainerException(
                "this daemon runs without the module " + MODULE + ", which runs virtual machines", "start it as the distribution does", null));
        add(module, found);
        return found;
    }

    private static void add(ResolvedModule module, Map<String, Path> found) {
        URI place = module.reference().location().orElse(null);
        if (place == null || !"file".equals(place.getScheme()) || found.putIfAbsent(module.name(), Path.of(place)) != null) {
            return; // Java's own are in its run-time image
        }
        module.reads().forEach(read -> add(read, found));
    }

    /** Of the modules and of the host's libraries, which both change by an update. */
    private static String stamp(Map<String, Path> modules) throws IOException {
        List<Path> parts = new ArrayList<>(modules.values());
        for (String name : LIBRARIES) {
            parts.add(library(name));
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path part : parts.stream().filter(Objects::nonNull).toList()) {
                try (Stream<Path> files = Files.walk(part)) {
                    for (Path file : files.sorted().filter(Files::isRegularFile).toList()) {
                        String line = file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + "\n";
                        digest.update(line.getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static Path library(String name) throws ContainerException {
        for (String place : PLACES) {
            Path file = Path.of(place, name);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        if (name.equals(LOADER) || name.startsWith("libc.so")) {
            throw new ContainerException("this host has no " + name + " in " + PLACES + ", which Java needs to run a virtual machine", "apt-get install libc6", null);
        }
        return null;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** Whatever the daemon's umask is, the container's ids may read it. */
    private static void readable(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    /** Removes the programs of earlier builds: to be called while no machine runs. */
    public synchronized void removeOthers() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path each : all) {
                if (!each.equals(made)) {
                    remove(each);
                }
            }
        }
    }

    private static void remove(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
