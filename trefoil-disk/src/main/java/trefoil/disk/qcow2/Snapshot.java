package trefoil.disk.qcow2;

import java.time.Instant;

/**
 * A snapshot that lies in an image.
 *
 * @param diskSize bytes of the disk when it was taken
 */
public record Snapshot(String id, String name, Instant taken, long diskSize) {}
