package trefoil.vmm;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file of the host's that is read whole before a machine begins. */
final class BootFile {
    private static final long LARGEST = 1 << 30;

    private BootFile() {}

    /**
     * Its content.
     *
     * @param what it is, for people: {@code kernel}
     * @throws IOException with a sentence that says which file, why not, and what to do
     */
    static byte[] read(Path file, String what) throws IOException {
        String named = "the " + what + " " + file;
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new IOException(named + " is no regular file; name a file");
            }
            if (Files.size(file) > LARGEST) {
                throw new IOException(named + " has " + Files.size(file) + " octets; at most " + LARGEST + " are possible");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(named + " is not there; check its path", e);
        } catch (AccessDeniedException e) {
            throw new IOException(named + " may not be read by this user; change its permissions or its owner", e);
        }
    }
}
