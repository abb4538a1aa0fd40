/**
 * The tape archive, read strictly and written deterministically.
 *
 * <p>{@link trefoil.image.tar.TarReader} knows the dialects that root file systems come in: V7, POSIX.1-1988 (ustar),
 * POSIX.1-2001 (pax extended headers, IEEE Std 1003.1-2017 "pax Interchange Format") and GNU (long names, base-256
 * numbers, the sparse formats 0.0, 0.1, 1.0 and the old {@code S} type; GNU tar manual, "Tar Internals"). It reads
 * archives that were made to do harm: every length is bounded before memory is taken for it, every checksum counts, an
 * archive that stops early or goes on after its end is refused. Whatever is wrong is a
 * {@link trefoil.image.tar.TarFormatException} that tells the offset.
 *
 * <p>Names are raw ({@link trefoil.linux.unpack}): bytes as they stand in the archive.
 */
package trefoil.image.tar;
