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
    private final Map<String, FutureTask<Path>> making = new ConcurrentHashMap<>();

    /** What makes a directory within a private one. */
    @FunctionalInterface
    private interface Recipe {
        Path make(Path work) throws IOException;
    }

    /** @param directory of the store */
    public MachineImages(Path directory, Layers layers) throws IOException {
        this.kernels = Files.createDirectories(directory.resolve("kernels"));
        this.machines = Files.createDirectories(directory.resolve("machines"));
        this.layers = layers;
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
        Path kernel = kernel(progress);
        String version = kernel.getFileName().toString();
        Path modules = kernel.resolve(KernelBuild.MODULES);
        String key = image.fingerprint() + "-" + version + "-" + (bytes >> 20);
        Path disk = made(machines.resolve(key), work -> new RootDisks(work, progress).make(image, modules, bytes >> 20 << 20));
        return new MachineImage(kernel.resolve(KernelBuild.KERNEL), kernel.resolve(KernelBuild.INITRD), disk.resolve(RootDisks.DISK), version);
    }

    private Path kernel(Progress progress) throws ImageException {
        Path newest = newestKernel();
        return newest != null ? newest : made(kernels, work -> new KernelBuild(work, progress).run());
    }

    private Path newestKernel() throws ImageException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> there = Files.newDirectoryStream(kernels)) {
            there.forEach(all::add);
        } catch (IOException e) {
            throw Refusal.of("the kernel of machines", e);
        }
        return all.stream().max(Comparator.comparing(path -> path.toFile().lastModified())).orElse(null);
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
            Path target = place.equals(kernels) ? kernels.resolve(made.getFileName()) : place;
            if (Files.isDirectory(target)) {
                return target;
            }
            Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
            DurableFile.syncDirectory(target.getParent());
            return target;
        } finally {
            TreeRemoval.remove(work);
        }
    }

    /** Removes the disks made of an image, which no machine stands on. */
    public void forget(String fingerprint) throws IOException {
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(machines, fingerprint + "-*")) {
            for (Path disk : disks) {
                TreeRemoval.remove(disk);
            }
        }
    }
}
