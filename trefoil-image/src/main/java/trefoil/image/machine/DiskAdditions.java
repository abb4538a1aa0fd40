package trefoil.image.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.unpack.MergedTree;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.Stat;

/**
 * What a machine's root disk has beyond its image, as one more layer on top: mount points, the place of the kernel's modules,
 * where the image cannot load them what loads them, and the console's login on ttyS0 where an OS-level server has it on {@code /dev/console}. Not thread-safe.
 */
final class DiskAdditions {
    private static final List<String> MOUNT_POINTS = List.of("dev", "proc", "sys", "run");
    private static final List<String> MODULE_TOOLS = List.of("modprobe", "insmod", "rmmod", "lsmod", "modinfo", "depmod");
    private static final int TEXT_LIMIT = 64 * 1024;
    private static final String UNITS = "etc/systemd/system";

    private final MergedTree image;
    private final Path layer;

    /**
     * @param image the image's merged layers
     * @param layer an empty directory
     */
    DiskAdditions(MergedTree image, Path layer) {
        this.image = image;
        this.layer = layer;
    }

    /** Refuses an image that has nothing to start. */
    void requireInit(String subject) throws IOException {
        if (image.resolve("sbin/init") == null && image.resolve("usr/sbin/init") == null) {
            throw new ImageException(
                    Reason.BAD_IMAGE, subject + " cannot be made: the image has no /sbin/init, and a machine needs one", "launch it with --kind os, which runs its command alone", null);
        }
    }

    /**
     * Writes them.
     *
     * @param busybox a static one
     * @return where the modules of kernels belong, below the root
     */
    String write(Path busybox) throws IOException {
        like(layer, "");
        for (String mountPoint : MOUNT_POINTS) {
            if (image.resolve(mountPoint) == null) {
                directory(mountPoint);
            }
        }
        addLogin();
        addModuleTools(busybox);
        return directory("lib/modules");
    }

    private void addLogin() throws IOException {
        if (image.resolve("lib/systemd/systemd") != null || image.resolve("usr/lib/systemd/systemd") != null) {
            String units = directory(UNITS);
            Files.write(layer.resolve(units).resolve("serial-getty@ttyS0.service"), KernelBuild.resource("serial-getty.service"));
            Files.createSymbolicLink(layer.resolve(units).resolve("console-getty.service"), Path.of("/dev/null"));
        } else if (isBusyboxInit()) {
            byte[] text = image.read("etc/inittab", TEXT_LIMIT);
            if (text != null) {
                Files.writeString(layer.resolve(directory("etc")).resolve("inittab"), inittab(new String(text, StandardCharsets.ISO_8859_1)), StandardCharsets.ISO_8859_1);
            }
        }
    }

    /** The kernel asks /sbin/modprobe for what it lacks; images for OS-level servers have none. A package that brings its own replaces these links. */
    private void addModuleTools(Path busybox) throws IOException {
        String place = directory("sbin");
        if (image.resolve("sbin/modprobe") != null || image.resolve("usr/sbin/modprobe") != null) {
            return;
        }
        Path program = layer.resolve(directory("usr/lib/trefoil")).resolve("busybox");
        Files.copy(busybox, program);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String tool : MODULE_TOOLS) {
            if (image.resolve(place + "/" + tool) == null) {
                Files.createSymbolicLink(layer.resolve(place).resolve(tool), Path.of("/usr/lib/trefoil/busybox"));
            }
        }
    }

    private boolean isBusyboxInit() throws IOException {
        String init = image.resolve("sbin/init");
        return init != null && init.endsWith("busybox");
    }

    /** With its console's shell on ttyS0, which unlike /dev/console can be a controlling terminal. */
    static String inittab(String text) {
        if (text.lines().anyMatch(line -> line.startsWith("ttyS0:"))) {
            return text;
        }
        String moved = text.replaceAll("(?m)^(?:/dev/)?console:", "ttyS0:");
        return moved.equals(text) ? text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + "ttyS0::respawn:-/bin/sh\n" : moved;
    }

    /** Makes a directory, links of the image followed. @return where it is */
    private String directory(String path) throws IOException {
        String place = "";
        for (String component : path.split("/")) {
            String wanted = place.isEmpty() ? component : place + "/" + component;
            String there = image.resolve(wanted);
            place = there == null ? wanted : there;
            make(place);
        }
        return place;
    }

    private void make(String place) throws IOException {
        String at = "";
        for (String component : place.split("/")) {
            at = at.isEmpty() ? component : at + "/" + component;
            Path made = layer.resolve(at);
            if (!Files.isDirectory(made, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(made);
                like(made, at);
            }
        }
    }

    /** Gives a directory the owner and mode that the image's has. */
    private void like(Path made, String place) throws IOException {
        Stat stat = image.at(place, node -> node == null ? null : node.stat());
        if (stat != null && !stat.isDirectory()) {
            throw Refusal.bad("the image has no directory at /" + place, "a machine's root disk needs one there");
        }
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (stat != null) {
            Files.setAttribute(made, "unix:uid", stat.uid());
            Files.setAttribute(made, "unix:gid", stat.gid());
            Files.setAttribute(made, "unix:mode", stat.permissions());
        }
    }
}
