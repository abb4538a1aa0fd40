package trefoil.image.machine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.debian.AptSources;
import trefoil.image.debian.DebianSuite;
import trefoil.image.store.Catalog;
import trefoil.image.store.DurableFile;
import trefoil.image.store.Layers;
import trefoil.image.unpack.Refusal;
import trefoil.image.unpack.TreeRemoval;
import trefoil.linux.FileDescriptor;
import trefoil.linux.unpack.At;

/** The kernels and root disks of a store, made when they are first asked for. Thread-safe: who asks for one that is being made waits for it. */
public final class MachineImages {
    private static final long LEAST_DISK = 64L << 20;

    private final Path kernels;
    private final Path machines;
    private final Layers layers;
    private final Catalog catalog;
    private final Map<String, FutureTask<Path>> making = new ConcurrentHashMap<>();

    /** What makes a directory within a private one. */
    @FunctionalInterface
    private interface Recipe {
        Path make(Path work) throws IOException;
    }

    /** Gives what was made its name, which it returns. */
    @FunctionalInterface
    private interface Adoption {
        Path adopt(Path made, Path place) throws IOException;
    }

    /** Opens them, and removes disks whose image is gone. @param directory of the store */
    public MachineImages(Path directory, Layers layers, Catalog catalog) throws IOException {
        this.catalog = catalog;
        this.kernels = Files.createDirectories(directory.resolve("kernels"));
        this.machines = Files.createDirectories(directory.resolve("machines"));
        this.layers = layers;
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(machines)) {
            for (Path disk : disks) {
                if (!catalog.knows(DiskKey.of(disk.getFileName().toString()).fingerprint())) {
                    TreeRemoval.remove(disk);
                }
            }
        }
    }

    /**
     * What a new machine made of an image boots from: the newest kernel there is of its release of Debian, for other systems of the host's release.
     *
     * @param bytes size of the disk, 64 MiB or more
     */
    public MachineImage of(StoredImage image, long bytes, Progress progress) throws ImageException {
        if (bytes < LEAST_DISK) {
            throw new ImageException(Reason.BAD_IMAGE, "a machine's disk has 64 MiB or more", "ask for a larger one: --disk 10GiB", null);
        }
        Path kernel = kernel(image, progress);
        DiskKey key = new DiskKey(image.fingerprint(), KernelBuild.version(kernel), RootDisks.EDITION, bytes >> 20);
        Path disk = made(machines.resolve(key.toString()), work -> disk(image, kernel, bytes >> 20 << 20, work, progress));
        return machine(kernel, disk);
    }

    /**
     * What a machine boots from that has a disk already. It stands on what it was made with: the differences that its own disk holds are worth nothing upon another one. Which that is the file {@code note} tells, which is written where there is none yet.
     */
    public MachineImage standing(StoredImage image, long bytes, Path note, Progress progress) throws ImageException {
        try {
            if (!Files.exists(note)) {
                MachineImage first = of(image, bytes, progress);
                DurableFile.write(note, first.key() + "\n");
                return first;
            }
            return again(DiskKey.of(Files.readString(note).strip()), note, progress);
        } catch (IOException e) {
            throw Refusal.of("the disk of a machine", e);
        }
    }

    private MachineImage again(DiskKey key, Path note, Progress progress) throws ImageException {
        Path disk = machines.resolve(key.toString());
        Path kernel = newest(kernels("*"), key.version());
        if (kernel == null || !Files.exists(disk.resolve(RootDisks.DISK))) {
            Path missing = kernel == null ? kernels.resolve(key.version()) : disk;
            throw new ImageException(Reason.NOT_FOUND, "what the machine was made with is gone: " + missing + ", which " + note + " names", "bring it back from a backup, or delete the machine: its disk holds only what differs from that", null);
        }
        return machine(renewed(kernel, progress), disk);
    }

    private static MachineImage machine(Path kernel, Path disk) {
        return new MachineImage(kernel.resolve(KernelBuild.KERNEL), kernel.resolve(KernelBuild.INITRD), disk.resolve(RootDisks.DISK), KernelBuild.version(kernel), disk.getFileName().toString());
    }

    /** Whose kernel goes with an image. What was imported may be of a release that the host's mirror has no more. */
    private static DebianSuite suite(StoredImage image) throws ImageException {
        Optional<DebianSuite> own = image.source().equals("debian") ? DebianSuite.ofPrettyName(image.os()) : Optional.empty();
        return own.isPresent() ? own.get() : hostSuite();
    }

    private static DebianSuite hostSuite() throws ImageException {
        try {
            return AptSources.ofHost().hostSuite();
        } catch (IOException e) {
            throw Refusal.of("the kernel of machines", e);
        }
    }

    /** The image's layers are held meanwhile. */
    private Path disk(StoredImage image, Path kernel, long bytes, Path work, Progress progress) throws IOException {
        List<String> held = new ArrayList<>();
        try {
            for (Path layer : image.layers()) {
                if (!layers.hold(layer.getFileName().toString())) {
                    throw gone(image.fingerprint());
                }
                held.add(layer.getFileName().toString());
            }
            return new RootDisks(work, progress).make(image, kernel.resolve(KernelBuild.MODULES), kernel.resolve(KernelBuild.BUSYBOX), bytes);
        } finally {
            for (String key : held) {
                layers.release(key);
            }
        }
    }

    private static ImageException gone(String fingerprint) {
        return new ImageException(Reason.NOT_FOUND, "the image " + fingerprint + " was deleted meanwhile", null, null);
    }

    /** Fetches the kernel that a release of Debian has today, where machines of such an image have been made with an older one. Those keep theirs. @return whether there is one for new machines that was not there before */
    public boolean refreshKernel(StoredImage image, Progress progress) throws ImageException {
        DebianSuite suite = suite(image);
        Path before = newest(kernels(suite.codeName()), null);
        return before != null && !KernelBuild.version(kernel(suite, true, progress)).equals(KernelBuild.version(before));
    }

    /** The kernel of its release, and the one of the host's release where the mirror does not have that any more. */
    private Path kernel(StoredImage image, Progress progress) throws ImageException {
        DebianSuite suite = suite(image);
        try {
            return kernel(suite, false, progress);
        } catch (ImageException e) {
            DebianSuite host = hostSuite();
            if (e.reason() != Reason.SOURCE_FAILED || suite.codeName().equals(host.codeName())) {
                throw e;
            }
            progress.at("fetching the kernel of " + host.codeName() + ", for that of " + suite.codeName() + " cannot be had", 0, 0, "bytes");
            return kernel(host, false, progress);
        }
    }

    private Path kernel(DebianSuite suite, boolean force, Progress progress) throws ImageException {
        Path newest = force ? null : newest(kernels(suite.codeName()), null);
        return newest == null ? fetched(suite, progress) : renewed(newest, progress);
    }

    private Path fetched(DebianSuite suite, Progress progress) throws ImageException {
        return once(kernels.resolve(suite.codeName()), work -> new KernelBuild(work, suite, progress).run(), (made, place) -> adopt(made, Files.createDirectories(place).resolve(made.getFileName())));
    }

    /** The same kernel with a RAM disk as this version of Trefoil makes it. */
    private Path renewed(Path kernel, Progress progress) throws ImageException {
        try {
            Path renewed = kernel.resolveSibling(KernelBuild.version(kernel) + KernelBuild.recipe());
            return renewed.equals(kernel) ? kernel : made(renewed, work -> new KernelBuild(work, null, progress).renew(kernel));
        } catch (IOException e) {
            throw Refusal.of("the kernel of machines", e);
        }
    }

    /** Directories of kernels. @param suite a release's code name, or {@code *} */
    private List<Path> kernels(String suite) throws ImageException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> suites = Files.newDirectoryStream(kernels, suite)) {
            for (Path directory : suites) {
                try (DirectoryStream<Path> there = Files.newDirectoryStream(directory)) {
                    there.forEach(all::add);
                }
            }
            return all;
        } catch (IOException e) {
            throw Refusal.of("the kernel of machines", e);
        }
    }

    /** The newest, made last where several are. @param version {@code null} for any; {@code null} where there is none */
    private static Path newest(List<Path> all, String version) {
        return all.stream().filter(path -> version == null || version.equals(KernelBuild.version(path)))
                .max(Comparator.comparing(KernelBuild::version, MachineImages::compareVersions).thenComparing(path -> path.toFile().lastModified())).orElse(null);
    }

    /**
     * Removes the disks on which no machine stands and no new one would, and the kernels that go with them.
     *
     * @param notes of all machines, as in {@link #standing}; one that is not there is of a machine that has never started
     */
    public void sweep(Collection<Path> notes) throws IOException {
        Set<String> stoodOn = new HashSet<>();
        for (Path note : notes) {
            if (Files.exists(note)) {
                stoodOn.add(Files.readString(note).strip());
            }
        }
        Set<String> versions = newestVersions();
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(machines)) {
            for (Path disk : disks) {
                DiskKey key = DiskKey.of(disk.getFileName().toString());
                if (stoodOn.contains(key.toString())) {
                    versions.add(key.version());
                } else if (key.edition() != RootDisks.EDITION || !versions.contains(key.version())) {
                    TreeRemoval.remove(disk);
                }
            }
        }
        for (String key : stoodOn) {
            versions.add(DiskKey.of(key).version());
        }
        for (Path kernel : kernels("*")) {
            if (!versions.contains(KernelBuild.version(kernel))) {
                TreeRemoval.remove(kernel);
            }
        }
    }

    /** The newest of each release. */
    private Set<String> newestVersions() throws IOException {
        Set<String> versions = new HashSet<>();
        try (DirectoryStream<Path> suites = Files.newDirectoryStream(kernels)) {
            for (Path suite : suites) {
                Path newest = newest(kernels(suite.getFileName().toString()), null);
                if (newest != null) {
                    versions.add(KernelBuild.version(newest));
                }
            }
        }
        return versions;
    }

    /** Runs of digits compare as numbers, all else letter by letter. */
    static int compareVersions(String a, String b) {
        List<String> left = parts(a);
        List<String> right = parts(b);
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            int order = comparePart(left.get(i), right.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    private static List<String> parts(String version) {
        return List.of(version.split("(?<=\\D)(?=\\d)|(?<=\\d)(?=\\D)"));
    }

    private static int comparePart(String a, String b) {
        boolean numbers = a.matches("\\d+") && b.matches("\\d+");
        return numbers ? new java.math.BigInteger(a).compareTo(new java.math.BigInteger(b)) : a.compareTo(b);
    }

    /** Makes what is to be at {@code place}, where it is not there; waits for another who does. */
    private Path made(Path place, Recipe recipe) throws ImageException {
        return Files.isDirectory(place) ? place : once(place, recipe, this::adopt);
    }

    private Path once(Path place, Recipe recipe, Adoption adoption) throws ImageException {
        Callable<Path> work = () -> publish(place, recipe, adoption);
        FutureTask<Path> task = making.computeIfAbsent(place.toString(), key -> {
            FutureTask<Path> made = new FutureTask<>(work);
            Thread.ofPlatform().daemon().name("machine image").start(made);
            return made;
        });
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? Refusal.of("the image of machines", io) : new ImageException(Reason.SOURCE_FAILED, "the image of machines cannot be made: " + e.getCause(), null, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageException(Reason.SOURCE_FAILED, "waiting for the image of machines was cancelled", null, e);
        } finally {
            making.remove(place.toString(), task);
        }
    }

    private Path publish(Path place, Recipe recipe, Adoption adoption) throws IOException {
        Path work = layers.newStaging("machine");
        try {
            Path made = recipe.make(work);
            try (FileDescriptor directory = At.openDirectory(made.toString())) {
                At.syncfs(directory);
            }
            return adoption.adopt(made, place);
        } finally {
            TreeRemoval.remove(work);
        }
    }

    /** Gives what was made its name. What is there already stays as it is, for machines stand on it. */
    private synchronized Path adopt(Path made, Path target) throws IOException {
        if (target.startsWith(machines)) {
            String fingerprint = DiskKey.of(target.getFileName().toString()).fingerprint();
            if (catalog.manifest(fingerprint) == null) {
                throw gone(fingerprint);
            }
        }
        if (!Files.isDirectory(target)) {
            Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
            DurableFile.syncDirectory(target.getParent());
        }
        return target;
    }

    /** Removes the disks made of an image that the catalogue has no more; no machine stands on them. */
    public synchronized void forget(String fingerprint) throws IOException {
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(machines, fingerprint + "-*")) {
            for (Path disk : disks) {
                TreeRemoval.remove(disk);
            }
        }
    }
}
