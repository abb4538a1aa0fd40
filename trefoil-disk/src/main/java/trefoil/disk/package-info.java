/**
 * Disk images as {@link trefoil.machine.BlockBackend}s. {@link trefoil.disk.Images} opens, creates, converts and checks; {@link trefoil.disk.RawImage} is a file
 * that is the disk, {@code trefoil.disk.qcow2} one that grows, stands on a backing file, and can be checked.
 *
 * <p>Everything goes through {@link trefoil.disk.BlockFile}, the few things that an image wants of its host's file; tests put a recording or failing one in its place. The
 * host's errors end at the backends as {@link trefoil.machine.IoStatus}; an image that cannot be opened is a {@link trefoil.disk.DiskException}, which says
 * which of a few reasons it is, and what to do.
 *
 * <p>An image open for writing is locked against everybody else, one open for reading (a backing file) against writers: open file description locks on
 * the whole file, which QEMU's tools notice as well.
 */
package trefoil.disk;
