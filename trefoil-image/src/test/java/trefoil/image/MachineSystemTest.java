package trefoil.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.image.machine.MachineImage;

/** What machines boot from, out of the Debian archive; needs root, a mirror, mke2fs, debugfs and half a minute. */
class MachineSystemTest {
    private static final long DISK = 300L << 20;

    @TempDir
    Path temp;

    private static String run(String... command) throws Exception {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor()).as("%s: %s", List.of(command), out).isZero();
        return out;
    }

    private static String inDisk(Path disk, String request) throws Exception {
        return run("debugfs", "-R", request, disk.toString());
    }

    @Test
    void aMachineOfBusyboxHasAKernelARamDiskAndARootDisk() throws Exception {
        ImageStore store = ImageStore.open(temp.resolve("store"));
        StoredImage image = store.build("busybox", false, Progress.NONE);
        List<String> phases = Collections.synchronizedList(new ArrayList<>());
        List<Future<MachineImage>> asked = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String reference : List.of("busybox", image.fingerprint())) {
                Callable<MachineImage> call = () -> store.machineImage(reference, DISK, (phase, done, total, unit) -> phases.add(phase));
                asked.add(callers.submit(call));
            }
        }
        MachineImage machine = asked.getFirst().get();
        assertThat(asked.getLast().get()).isEqualTo(machine);
        assertThat(phases).contains("fetching package lists", "downloading packages", "making the file system");
        assertThat(machine.version()).endsWith("-cloud-amd64");
        assertThat(Files.size(machine.kernel())).isGreaterThan(5_000_000);
        assertThat(Files.size(machine.initrd())).isLessThan(20_000_000);
        assertThat(Files.size(machine.disk())).isEqualTo(DISK);
        assertThat(temp.resolve("store/staging")).isEmptyDirectory();

        run("e2fsck", "-fn", machine.disk().toString());
        assertThat(inDisk(machine.disk(), "cat /etc/inittab")).contains("ttyS0::respawn");
        assertThat(inDisk(machine.disk(), "stat /root")).contains("Mode:  0700");
        assertThat(inDisk(machine.disk(), "cat /lib/modules/" + machine.version() + "/modules.dep")).contains("virtio_blk.ko");
        assertThat(run("dumpe2fs", "-h", machine.disk().toString())).contains("trefoil-root", "clean");
        assertThat(run("cat", "/proc/self/mountinfo")).doesNotContain(temp.toString());

        FileTime made = Files.getLastModifiedTime(machine.disk());
        assertThat(store.machineImage("busybox", DISK, Progress.NONE)).isEqualTo(machine);
        Path note = temp.resolve("stands-on");
        assertThat(store.machineImage("busybox", DISK, note, Progress.NONE)).isEqualTo(machine);
        assertThat(store.build("busybox", true, Progress.NONE)).isEqualTo(image); // asks for a newer kernel
        assertThat(store.machineImage("busybox", DISK, Progress.NONE)).isEqualTo(machine);
        assertThat(Files.getLastModifiedTime(machine.disk())).isEqualTo(made);
        refusesSmallDisks(store);

        Path old = machine.initrd().getParent().resolveSibling(machine.version() + "_00000000");
        Files.move(machine.initrd().getParent(), old);
        ImageStore again = ImageStore.open(temp.resolve("store"));
        assertThat(again.machineImage("busybox", DISK, (phase, done, total, unit) -> assertThat(phase).doesNotContain("download"))).isEqualTo(machine);
        assertThat(Files.mismatch(machine.initrd(), old.resolve("initrd"))).isEqualTo(-1);
        standsOnWhatItWasMadeWith(again, machine, note);
        again.delete("busybox");
        assertThat(temp.resolve("store/machines")).isEmptyDirectory();
        assertThat(machine.kernel()).exists();
    }

    /** A newer kernel is for new machines. */
    private void standsOnWhatItWasMadeWith(ImageStore store, MachineImage machine, Path note) throws Exception {
        Path newer = machine.initrd().getParent().resolveSibling("99" + machine.initrd().getParent().getFileName());
        run("cp", "-al", machine.initrd().getParent().toString(), newer.toString());
        MachineImage next = store.machineImage("busybox", DISK, Progress.NONE);
        assertThat(next.version()).isEqualTo("99" + machine.version());
        assertThat(store.machineImage("busybox", 2 * DISK, note, Progress.NONE)).isEqualTo(machine);
        store.sweepMachineImages(List.of(note, temp.resolve("of a machine that never started")));
        assertThat(machine.disk()).exists();
        assertThat(machine.kernel()).exists();
        run("rm", "-r", newer.toString());
        store.sweepMachineImages(List.of(note));
        assertThat(next.disk()).doesNotExist();
        assertThat(store.machineImage("busybox", DISK, note, Progress.NONE)).isEqualTo(machine);
        Files.move(machine.disk(), temp.resolve("away"));
        assertThatThrownBy(() -> store.machineImage("busybox", DISK, note, Progress.NONE)).isInstanceOf(ImageException.class).hasMessageContaining("is gone");
        Files.move(temp.resolve("away"), machine.disk());
    }

    private static void refusesSmallDisks(ImageStore store) {
        for (long size : new long[] {0, 1 << 20, 92L << 20}) {
            ImageException failure = catchThrowableOfType(ImageException.class, () -> store.machineImage("busybox", size, Progress.NONE));
            assertThat(failure.reason()).as(failure.toString()).isEqualTo(ImageException.Reason.BAD_IMAGE);
            assertThat(failure.next()).isNotBlank();
        }
    }

    @Test
    void layersAreMergedAsTheContainerSeesThem() throws Exception {
        ImageStore store = ImageStore.open(temp.resolve("store"));
        byte[] program = Files.readAllBytes(store.build("busybox", false, Progress.NONE).layers().getFirst().resolve("bin/busybox"));
        String elf = new String(program, 0, 64, StandardCharsets.ISO_8859_1);
        OciLayout layout = new OciLayout()
                .layer(new Rootfs().directory("bin/").file("bin/sh", elf).directory("sbin/").file("sbin/init", elf).directory("a/").file("a/kept", "kept").file("a/gone", "gone"))
                .layer(new Rootfs().directory("a/").file("a/.wh.gone", "").file("a/new", "new"))
                .whole();
        StoredImage image = store.importFile(layout.directory(temp.resolve("layout")), "merged", Progress.NONE);
        assertThat(image.layers()).hasSize(2);
        Path disk = store.machineImage("merged", DISK, Progress.NONE).disk();
        assertThat(inDisk(disk, "ls /a")).contains("kept", "new").doesNotContain("gone", ".wh.");
        assertThat(inDisk(disk, "ls /")).contains("proc", "sys", "dev", "run");
    }
}
