package trefoil.vmm.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import trefoil.disk.BackingRoots;
import trefoil.disk.Images;
import trefoil.disk.qcow2.NewImage;
import trefoil.vmm.MachinePlan;

/** The machine's own disk: a qcow2 image that holds what differs from the one it stands on. */
final class Disk {
    private Disk() {}

    /** Makes it at the machine's first start, all or nothing. */
    static void make(Options options) throws IOException {
        if (Files.exists(options.disk())) {
            return;
        }
        Path half = options.disk().resolveSibling(options.disk().getFileName() + ".new");
        Files.deleteIfExists(half);
        Images.createQcow2(half, NewImage.of(options.diskSize()).on(options.base().toString(), "raw"), Images.Preallocation.OFF);
        Files.move(half, options.disk(), StandardCopyOption.ATOMIC_MOVE);
    }

    static MachinePlan.Disk of(Options options) {
        return new MachinePlan.Disk(options.disk(), Images.Format.QCOW2, BackingRoots.of(options.base().getParent()), options.diskBus());
    }
}
