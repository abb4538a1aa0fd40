package trefoil.image.machine;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.busybox.BusyboxBuild;
import trefoil.image.debian.DebianSuite;
import trefoil.image.debian.PackageDownload;
import trefoil.image.store.Digest;
import trefoil.image.unpack.FreeSpace;

/** Fetches Debian's kernel for virtual machines, as it is, and makes the initial RAM disk that goes with it. For one platform thread that outlives it. */
final class KernelBuild {
    static final String KERNEL = "vmlinuz";
    static final String INITRD = "initrd";
    /** The directory of modules as a root has it, for {@code lib/modules}. */
    static final String MODULES = "modules";
    /** For another RAM disk. */
    static final String BUSYBOX = "busybox";

    /** It depends on the kernel's own package. */
    private static final String META_PACKAGE = "linux-image-cloud-amd64";
    /** What a machine needs before its root is there, and what the host talks to it through. */
    private static final List<String> DRIVERS = List.of("virtio_pci", "virtio_blk", "ext4", "virtio_net", "virtio_console", "virtio_rng", "button", "evdev");
    private static final List<String> DIRECTORIES = List.of("bin", "dev", "proc", "sys", "run", "newroot", "modules");
    private static final List<String> APPLETS =
            List.of("sh", "mount", "umount", "insmod", "cat", "echo", "printf", "mkdir", "sleep", "usleep", "ip", "hostname", "cp", "chroot", "switch_root", "poweroff", "mknod", "start-stop-daemon");
    private static final long SPACE = 400L << 20;

    private final Path work;
    private final DebianSuite suite;
    private final Progress progress;

    /**
     * @param work a private directory on the store's disk
     * @param suite the release of Debian whose kernel it is
     */
    KernelBuild(Path work, DebianSuite suite, Progress progress) {
        this.work = work;
        this.suite = suite;
        this.progress = progress;
    }

    /** The end of the names of directories with a RAM disk as this version of Trefoil makes it: an underscore, which no version has, and 8 hexadecimal digits. */
    static String recipe() throws IOException {
        byte[] ingredients = (new String(resource("init"), StandardCharsets.UTF_8) + new String(resource("agent"), StandardCharsets.UTF_8) + DRIVERS + DIRECTORIES + APPLETS).getBytes(StandardCharsets.UTF_8);
        return "_" + Digest.sha256(ingredients).hex().substring(0, 8);
    }

    /** The version of the kernel in a directory. */
    static String version(Path made) {
        return made.getFileName().toString().replaceFirst("_[0-9a-f]{8}$", "");
    }

    /** Whether {@link #renew} can do with what is there. */
    static boolean isRenewable(Path made) {
        return Files.exists(made.resolve(BUSYBOX));
    }

    /** Makes a directory of the same kernel with a RAM disk of this version's, without the network; returns that. */
    Path renew(Path old) throws IOException {
        String version = version(old);
        Path made = Files.createDirectory(work.resolve(version + recipe()));
        for (String name : List.of(KERNEL, BUSYBOX)) {
            Files.createLink(made.resolve(name), old.resolve(name));
        }
        link(old.resolve(MODULES), made.resolve(MODULES));
        initrd(made.resolve(INITRD), made.resolve(BUSYBOX), made.resolve(MODULES).resolve(version));
        return made;
    }

    /** Makes a tree of the same directories and files. */
    private static void link(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path made = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(made);
                } else {
                    Files.createLink(made, path);
                }
            }
        }
    }

    /** Makes a directory of it and returns that; its name is the kernel's version and {@link #recipe}. */
    Path run() throws IOException {
        new FreeSpace(work).require(SPACE, "the kernel of machines");
        PackageDownload download = PackageDownload.begin(work.resolve("download"), suite, "the kernel of machines", progress);
        String name = kernelPackage(download.field(download.fetch(META_PACKAGE), "Depends"));
        Path unpacked = download.unpack(download.fetch(name));
        Path busybox = BusyboxBuild.program(download.unpack(download.fetch(BusyboxBuild.PACKAGE)));
        String version = name.substring("linux-image-".length());
        Path made = Files.createDirectory(work.resolve(version + recipe()));
        Files.copy(busybox, made.resolve(BUSYBOX));
        Files.move(unpacked.resolve("boot/vmlinuz-" + version), made.resolve(KERNEL));
        Path modules = unpacked.resolve("lib/modules");
        if (!Files.isDirectory(modules)) {
            modules = unpacked.resolve("usr/lib/modules");
        }
        initrd(made.resolve(INITRD), busybox, modules.resolve(version));
        depmod(download, busybox, modules, version);
        Files.move(modules, made.resolve(MODULES));
        return made;
    }

    static String kernelPackage(String depends) throws ImageException {
        for (String alternative : depends.split("[,|]")) {
            String name = alternative.strip().split("\\s")[0];
            if (name.matches("linux-image-[0-9][A-Za-z0-9.+~-]*")) {
                return name;
            }
        }
        throw new ImageException(Reason.SOURCE_FAILED, "the package " + META_PACKAGE + " names no kernel: it depends on " + depends, null, null);
    }

    /** {@code modules.dep} and its like, which the package leaves to be made where it is installed. */
    private void depmod(PackageDownload download, Path busybox, Path modules, String version) throws IOException {
        Path root = Files.createDirectories(work.resolve("depmod/lib"));
        Files.move(modules, root.resolve("modules"));
        download.run(busybox.toString(), "depmod", "-b", root.getParent().toString(), version);
        Files.move(root.resolve("modules"), modules);
    }

    private static void initrd(Path file, Path busybox, Path modules) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
                CpioWriter cpio = new CpioWriter(out)) {
            for (String directory : DIRECTORIES) {
                cpio.directory(directory, 0755);
            }
            cpio.characterDevice("dev/console", 0600, 5, 1);
            cpio.characterDevice("dev/null", 0666, 1, 3); // for a shell in the background, once the file system on /dev has moved
            cpio.file("init", 0755, resource("init"));
            cpio.file("agent", 0755, resource("agent"));
            cpio.file("bin/busybox", 0755, Files.readAllBytes(busybox));
            for (String applet : APPLETS) {
                cpio.link("bin/" + applet, "busybox");
            }
            StringBuilder order = new StringBuilder();
            for (Map.Entry<String, byte[]> module : new KernelModules(modules).closure(DRIVERS).entrySet()) {
                cpio.file("modules/" + module.getKey() + ".ko", 0644, module.getValue());
                order.append(module.getKey()).append(".ko\n");
            }
            cpio.file("modules/order", 0644, order.toString().getBytes(StandardCharsets.US_ASCII));
        }
    }

    static byte[] resource(String name) throws IOException {
        try (InputStream in = KernelBuild.class.getResourceAsStream("/trefoil/image/machine/" + name)) {
            return in.readAllBytes();
        }
    }
}
