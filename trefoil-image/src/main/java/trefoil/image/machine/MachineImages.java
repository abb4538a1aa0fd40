package trefoil.image.machine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
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

    /** Opens them, and removes disks whose image is gone. @param directory of the store */
    public MachineImages(Path directory, Layers layers, Catalog catalog) throws IOException {
        this.catalog = catalog;
        this.kernels = Files.createDirectories(directory.resolve("kernels"));
        this.machines = Files.createDirectories(directory.resolve("machines"));
        this.layers = layers;
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(machines)) {
            for (Path disk : disks) {
                if (!catalog.knows(disk.getFileName().toString().split("-", 2)[0])) {
                    TreeRemoval.remove(disk);
                }
            }
        }
    }

    /**
     * What a machine made of an image boots from.
     *
     * @param bytes size of the disk, 64 MiB or more
     */
    public MachineImage of(StoredImage image, long bytes, Progress progress) throws ImageException {
        if (bytes < LEAST_DISK) {
            throw new ImageException(Reason.BAD_IMAGE, "a machine's disk has 64 MiB or more", "ask for a larger one: --disk 10GiB", null);
        }
        Path kernel = kernel(false, progress);
        String version = KernelBuild.version(kernel);
        String key = image.fingerprint() + "-" + version + "-" + RootDisks.EDITION + "-" + (bytes >> 20);
        Path disk = made(machines.resolve(key), work -> disk(image, kernel, bytes >> 20 << 20, work, progress));
        return new MachineImage(kernel.resolve(KernelBuild.KERNEL), kernel.resolve(KernelBuild.INITRD), disk.resolve(RootDisks.DISK), version);
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

    /** Fetches the kernel that Debian has today; without {@code force} only where there is none. @return its version */
    public String fetchKernel(boolean force, Progress progress) throws ImageException {
        return KernelBuild.version(kernel(force, progress));
    }

    private Path kernel(boolean force, Progress progress) throws ImageException {
        Path newest = force ? null : newestKernel();
        if (newest == null) {
            return made(kernels, work -> new KernelBuild(work, progress).run());
        }
        try {
            Path renewed = kernels.resolve(KernelBuild.version(newest) + KernelBuild.recipe());
            return renewed.equals(newest) ? newest : made(renewed, work -> KernelBuild.isRenewable(newest) ? new KernelBuild(work, progress).renew(newest) : new KernelBuild(work, progress).run());
        } catch (IOException e) {
            throw Refusal.of("the kernel of machines", e);
        }
    }

    private Path newestKernel() throws ImageException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> there = Files.newDirectoryStream(kernels)) {
            there.forEach(all::add);
        } catch (IOException e) {
            throw Refusal.of("the kernel of machines", e);
        }
        return all.stream().max(Comparator.comparing(KernelBuild::version, MachineImages::compareVersions).thenComparing(path -> path.toFile().lastModified())).orElse(null);
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

    /** Makes what is to be at {@code place}, or, where that is a directory already, below it under the name that the recipe gives; waits for another who does. */
    private Path made(Path place, Recipe recipe) throws ImageException {
        if (!place.equals(kernels) && Files.isDirectory(place)) {
            return place;
        }
        Callable<Path> work = () -> publish(place, recipe);
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

    private Path publish(Path place, Recipe recipe) throws IOException {
        Path work = layers.newStaging("machine");
        try {
            Path made = recipe.make(work);
            try (FileDescriptor directory = At.openDirectory(made.toString())) {
                At.syncfs(directory);
            }
            return adopt(made, place.startsWith(kernels) ? kernels.resolve(made.getFileName()) : place);
        } finally {
            TreeRemoval.remove(work);
        }
    }

    /** Gives what was made its name. What is there already stays as it is, for machines stand on it. */
    private synchronized Path adopt(Path made, Path target) throws IOException {
        String fingerprint = target.getFileName().toString().split("-", 2)[0];
        if (target.startsWith(machines) && catalog.manifest(fingerprint) == null) {
            throw gone(fingerprint);
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
