package trefoil.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.image.ImageException.Reason;

class ImageStoreTest {
    @TempDir
    Path temp;

    Path state;
    ImageStore store;

    @BeforeEach
    void open() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "unpacking owners needs root");
        state = temp.resolve("store");
        store = ImageStore.open(state);
    }

    private StoredImage imported(String marker, String alias) throws IOException {
        Path file = Rootfs.small().file("etc/marker", marker).write(temp.resolve("rootfs.tar"));
        return store.importFile(file, alias, Progress.NONE);
    }

    @Test
    void survivesBeingOpenedAgain() throws Exception {
        StoredImage one = imported("1", "one");
        StoredImage two = imported("2", "two");
        ImageStore again = ImageStore.open(state);
        assertThat(again.list()).containsExactlyInAnyOrder(one, two);
        assertThat(again.find("one")).contains(one);
        assertThat(again.find(two.fingerprint())).contains(two);
        assertThat(again.find(two.fingerprint().substring(0, 12))).contains(two);
        assertThat(again.find(two.fingerprint().substring(0, 11))).isEmpty();
        assertThat(again.find("three")).isEmpty();
    }

    @Test
    void aliasMovesToTheImageThatTookItLast() throws Exception {
        imported("1", "latest");
        StoredImage two = imported("2", "latest");
        assertThat(store.find("latest")).contains(two);
        assertThat(store.list()).extracting(StoredImage::aliases).containsExactlyInAnyOrder(List.of("latest"), List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-x", "a b", "../x", "a\nb", "0123456789abcdef", "é"})
    void senselessAliases(String alias) {
        assertThat(catchThrowableOfType(ImageException.class, () -> imported("1", alias)).reason()).isEqualTo(Reason.BAD_IMAGE);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void oneDamagedRecordDoesNotTakeTheOthersAway() throws Exception {
        StoredImage one = imported("1", "one");
        StoredImage two = imported("2", "two");
        StoredImage three = imported("3", "three");
        Files.writeString(state.resolve("images/" + one.fingerprint() + ".json"), "{ not json");
        Path record = state.resolve("images/" + two.fingerprint() + ".json");
        Files.writeString(record, Files.readString(record).replace("Tiny 1", "Tiny 2"));
        ImageStore again = ImageStore.open(state);
        assertThat(again.list()).containsExactly(three);
        assertThat(state.resolve("images/" + one.fingerprint() + ".json.damaged")).exists();
        Files.writeString(state.resolve("aliases.json"), "[]");
        assertThat(ImageStore.open(state).find("three")).isEmpty();
        assertThat(ImageStore.open(state).list()).hasSize(1);
    }

    /** Layers are what servers stand on: a record that cannot be read is no reason to remove them. */
    @Test
    void aDamagedRecordCostsNoLayerAndIsTakenUpOnceItIsWhole() throws Exception {
        StoredImage image = imported("1", "one");
        Path record = state.resolve("images/" + image.fingerprint() + ".json");
        String whole = Files.readString(record);
        Files.writeString(record, whole.substring(0, whole.length() / 2));
        assertThat(ImageStore.open(state).find("one")).isEmpty();
        assertThat(image.layers()).allSatisfy(layer -> assertThat(layer.resolve("etc/marker")).hasContent("1"));
        Files.writeString(record, whole);
        assertThat(ImageStore.open(state).find("one")).contains(image);
        assertThat(state.resolve("images")).isDirectoryNotContaining("glob:**.damaged");
    }

    @Test
    void anImageWhoseLayerIsMissingIsTakenUpOnceTheLayerIsBack() throws Exception {
        StoredImage image = imported("1", "one");
        StoredImage other = imported("2", "two");
        Path layer = image.layers().getFirst();
        Path away = Files.move(layer, temp.resolve("away"));
        ImageStore without = ImageStore.open(state);
        assertThat(without.list()).containsExactly(other);
        assertThat(without.find("one")).isEmpty();
        Files.move(away, layer);
        assertThat(ImageStore.open(state).find("one")).contains(image);
    }

    @Test
    void anImageThatIsImportedAgainReplacesItsDamagedRecord() throws Exception {
        StoredImage image = imported("1", "one");
        Files.writeString(state.resolve("images/" + image.fingerprint() + ".json"), "");
        store = ImageStore.open(state);
        StoredImage again = imported("1", "one");
        assertThat(again.fingerprint()).isEqualTo(image.fingerprint());
        store.delete("one");
        assertThat(state.resolve("layers")).isEmptyDirectory();
        assertThat(state.resolve("images")).isEmptyDirectory();
    }

    /** Cut off at many lengths, and with an octet there falsified: the store opens and the other image is there. */
    @Test
    void noDamageToASmallFileKeepsTheStoreFromOpening() throws Exception {
        StoredImage one = imported("1", "one");
        StoredImage two = imported("2", "two");
        for (Path file : List.of(state.resolve("images/" + one.fingerprint() + ".json"), state.resolve("aliases.json"))) {
            byte[] whole = Files.readAllBytes(file);
            for (int i = 0; i < whole.length; i += i < 10 ? 1 : 9) {
                byte[] cut = Arrays.copyOf(whole, i);
                byte[] wrong = whole.clone();
                wrong[i] = (byte) (i % 2 == 0 ? 0xff : wrong[i] ^ 1);
                for (byte[] damage : List.of(cut, wrong)) {
                    Files.write(file, damage);
                    assertThat(ImageStore.open(state).list())
                            .as("%s at %d", file.getFileName(), i)
                            .extracting(StoredImage::fingerprint)
                            .contains(two.fingerprint());
                }
            }
            Files.write(file, whole);
        }
        assertThat(ImageStore.open(state).list()).containsExactlyInAnyOrder(one, two);
        for (String nothing : List.of("null", "{}", "{\"aliases\":null}", "{\"aliases\":{\"x\":null}}", "[]", "7")) {
            Files.writeString(state.resolve("aliases.json"), nothing);
            Files.writeString(state.resolve("images/" + one.fingerprint() + ".json"), nothing);
            assertThat(ImageStore.open(state).list()).as(nothing).extracting(StoredImage::fingerprint).containsExactly(two.fingerprint());
        }
    }

    @Test
    void importsAndDeletesAtOnceLeaveWholeImages() throws Exception {
        Path file = Rootfs.small().write(temp.resolve("same.tar"));
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<StoredImage>> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String alias = "a" + i;
                boolean delete = i % 3 == 0;
                Callable<StoredImage> work = () -> {
                    StoredImage image = store.importFile(file, alias, Progress.NONE);
                    if (delete) {
                        deleteIfThere(image.fingerprint());
                    }
                    return image;
                };
                all.add(workers.submit(work));
            }
            for (Future<StoredImage> f : all) {
                f.get();
            }
        }
        for (StoredImage image : store.list()) {
            assertThat(image.layers()).allSatisfy(layer -> assertThat(layer.resolve("etc/os-release")).exists());
        }
        assertThat(state.resolve("staging")).isEmptyDirectory();
        assertThat(ImageStore.open(state).list()).hasSameSizeAs(store.list());
    }

    private void deleteIfThere(String fingerprint) throws ImageException {
        try {
            store.delete(fingerprint);
        } catch (ImageException e) {
            assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND);
        }
    }

    @Test
    void fullDiskLeavesNothing() throws Exception {
        Path disk = Files.createDirectory(temp.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=4m", "trefoil-image-test", disk.toString());
        try {
            ImageStore small = ImageStore.open(disk.resolve("store"));
            byte[] noise = new byte[1 << 20];
            new java.util.Random(1).nextBytes(noise);
            Rootfs large = Rootfs.small();
            for (int i = 0; i < 6; i++) {
                large.put(new TarArchiveEntry("etc/" + i), noise);
            }
            Path file = large.write(temp.resolve("large.tar"));
            ImageException e = catchThrowableOfType(ImageException.class, () -> small.importFile(file, null, Progress.NONE));
            assertThat(e.reason()).isEqualTo(Reason.DISK_FULL);
            assertThat(e.next()).contains("trefoil image delete");
            assertThat(disk.resolve("store/staging")).isEmptyDirectory();
            assertThat(disk.resolve("store/layers")).isEmptyDirectory();

            Rootfs inodes = Rootfs.small();
            for (int i = 0; i < 3000; i++) {
                inodes.file("etc/" + i, "");
            }
            run("mount", "-o", "remount,nr_inodes=200", disk.toString());
            Path many = inodes.write(temp.resolve("many.tar"));
            assertThat(catchThrowableOfType(ImageException.class, () -> small.importFile(many, null, Progress.NONE)).reason()).isEqualTo(Reason.DISK_FULL);
            assertThat(disk.resolve("store/staging")).isEmptyDirectory();
            assertThat(small.importFile(Rootfs.small().write(temp.resolve("small.tar")), "fits", Progress.NONE).layers()).hasSize(1);
        } finally {
            run("umount", disk.toString());
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).as("%s", List.of(command)).isZero();
    }

    @Test
    void unknownImagesAreNotBuilt() {
        for (String name : List.of("ubuntu:22.04", "debian:99", "debian:", "debian:../x", "", "busybox:1")) {
            ImageException e = catchThrowableOfType(ImageException.class, () -> store.build(name, false, Progress.NONE));
            assertThat(e.reason()).as(name).isEqualTo(Reason.NOT_FOUND);
            assertThat(e.next()).contains("debian:12");
        }
    }

    @Test
    void cancelledImportLeavesNothing() throws Exception {
        Path file = Rootfs.small().write(temp.resolve("rootfs.tar"));
        Thread.currentThread().interrupt();
        try {
            assertThat(catchThrowableOfType(ImageException.class, () -> store.importFile(file, null, Progress.NONE))).isNotNull();
        } finally {
            Thread.interrupted();
        }
        assertThat(state.resolve("staging")).isEmptyDirectory();
        assertThat(store.list()).isEmpty();
    }
}
