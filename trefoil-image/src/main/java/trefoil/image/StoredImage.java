package trefoil.image;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An image in the store, immutable but for its aliases.
 *
 * @param fingerprint SHA-256 over its manifest, 64 hexadecimal digits
 * @param aliases names it is known by
 * @param os PRETTY_NAME of its {@code os-release}, or {@code unknown}
 * @param osId ID of its {@code os-release}, such as {@code debian}; empty where there is none
 * @param architecture Debian's word for it, such as {@code amd64}
 * @param layers directories of its layers, lowest first; owned by uid and gid 0–65535 as inside a server
 * @param digests digest of each layer
 * @param size bytes on disk
 * @param created when it entered the store
 * @param source {@code debian}, {@code tarball} or {@code oci}
 * @param command what runs as process 1 when the image has no {@code /sbin/init} (an OCI image's entrypoint and command); empty otherwise
 * @param environment variables of process 1 that the image asks for
 * @param user whom the image's command is to run as, {@code USER[:GROUP]} by name or number; empty for root
 * @param workingDirectory where the image's command is to start, absolute; empty for {@code /}
 */
public record StoredImage(
        String fingerprint,
        List<String> aliases,
        String os,
        String osId,
        String architecture,
        List<Path> layers,
        List<String> digests,
        long size,
        Instant created,
        String source,
        List<String> command,
        Map<String, String> environment,
        String user,
        String workingDirectory) {}
