package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * An image in the store.
 *
 * @param fingerprint SHA-256 over its manifest, 64 hexadecimal digits
 * @param aliases names it is known by, such as {@code debian:12}
 * @param os pretty name of its operating system
 * @param architecture Debian's word for it, such as {@code amd64}
 * @param layers digests of its layers, lowest first
 * @param size bytes on disk, layers shared with other images included
 * @param created when it entered the store
 * @param source where it came from: {@code debian}, {@code tarball}, {@code oci}
 * @param usedBy servers made from it
 */
@Json
public record Image(
        String fingerprint,
        List<String> aliases,
        String os,
        String architecture,
        List<String> layers,
        long size,
        long created,
        String source,
        List<String> usedBy) {}
