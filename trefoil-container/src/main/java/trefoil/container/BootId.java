package trefoil.container;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What {@code /proc/sys/kernel/random/boot_id} tells a server, random(4): another one at each start. The kernel's own is
 * the same for the host and all servers on it, and one boot could not be told from the next by journalctl(1), whose
 * times begin at zero with each. Made from where the container lives and when it started, so that every daemon tells the
 * same.
 */
final class BootId {
    private BootId() {}

    /**
     * That of a container.
     *
     * @param directory its own
     * @param startedAt when process 1 started, milliseconds since the epoch
     */
    static String of(Path directory, long startedAt) {
        byte[] seed = (directory.toAbsolutePath() + "\n" + startedAt).getBytes(StandardCharsets.UTF_8);
        return UUID.nameUUIDFromBytes(seed).toString();
    }
}
