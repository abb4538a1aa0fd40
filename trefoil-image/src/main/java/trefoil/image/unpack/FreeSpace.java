package trefoil.image.unpack;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import trefoil.image.ImageException;
import trefoil.linux.Sizes;

/** The disk below the store, of which a reserve stays free: 256 MiB, or a fiftieth where the disk is small. Not thread-safe. */
public final class FreeSpace {
    private static final long RESERVE = 256L << 20;
    private static final long STEP = 16L << 20;

    private final FileStore disk;
    private final long reserve;
    private long sinceCheck;

    /** @param directory on that disk */
    public FreeSpace(Path directory) throws IOException {
        disk = Files.getFileStore(directory);
        reserve = Math.min(RESERVE, disk.getTotalSpace() / 50);
    }

    /** Bytes that may still be written. */
    public long available() throws IOException {
        return Math.max(0, disk.getUsableSpace() - reserve);
    }

    /** Refuses work that needs {@code bytes}. */
    public void require(long bytes, String subject) throws IOException {
        long available = available();
        if (bytes > available) {
            throw Refusal.full(subject + " needs " + Sizes.words(bytes) + "; " + Sizes.words(available) + " are free above the reserve of " + Sizes.words(reserve), null);
        }
    }

    /** Tells of {@code bytes} about to be written; looks at the disk every 16 MiB. */
    public void spend(long bytes, String subject) throws IOException {
        sinceCheck += bytes;
        if (sinceCheck >= STEP) {
            sinceCheck = 0;
            require(bytes, subject);
        }
    }

    /** The reserve in bytes. */
    long reserve() {
        return reserve;
    }

    /** The refusal when {@code need} bytes can never fit. */
    ImageException tooSmall(String subject, long need, long available) {
        return Refusal.full(
                subject + " unpacks to " + Sizes.words(need) + " or more; " + Sizes.words(available) + " were free above the reserve of " + Sizes.words(reserve), null);
    }
}
