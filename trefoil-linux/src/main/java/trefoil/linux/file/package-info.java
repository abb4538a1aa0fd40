/**
 * Files by descriptor: the calls of openat2(2), statx(2), renameat2(2) and their family, one method each.
 *
 * <p>Everything is relative to an open directory, because a path that a container can change under our hands is no place
 * to stand on. {@link trefoil.linux.file.Open} opens, {@link trefoil.linux.file.Directories} names, {@link
 * trefoil.linux.file.Inodes} describes, {@link trefoil.linux.file.Contents} reads and writes and {@link
 * trefoil.linux.file.FileSystems} tells what lies beneath.
 *
 * <p>Names are bytes to the kernel and {@code String}s here; {@link trefoil.linux.file.PathBytes} maps one to the other
 * with no loss, whatever bytes a guest has put into a name.
 */
package trefoil.linux.file;
