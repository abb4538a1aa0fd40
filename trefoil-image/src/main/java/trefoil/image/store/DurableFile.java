package trefoil.image.store;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes small files so that a crash leaves either the old content or the new. */
public final class DurableFile {
    private DurableFile() {}

    /** Writes beside the place, syncs, renames, and syncs the directory. The caller keeps writers of one place apart. */
    public static void write(Path place, String content) throws IOException {
        Path temporary = place.resolveSibling(place.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        try (FileChannel file = FileChannel.open(temporary, CREATE_NEW, WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(place.getParent());
    }

    /** Makes names added to or taken from a directory last. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }
}
