/**
 * The system calls with which a file tree that nobody vouches for is written, read back and removed: each relative to
 * an open directory, none following a symbolic link unless {@code openat2(2)} keeps it inside a root.
 *
 * <p><b>Raw names.</b> Linux file names are bytes, not characters (path_resolution(7)); an archive may hold names that
 * are no UTF-8. Names therefore travel through this package as strings whose every {@code char} is one byte
 * (ISO-8859-1). {@link trefoil.linux.unpack.At#raw} makes one from a Java string, {@link trefoil.linux.unpack.At#readable}
 * turns one into something fit for a message.
 */
package trefoil.linux.unpack;
