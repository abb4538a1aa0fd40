/**
 * qcow2, versions 2 and 3, after the format's published specification (QEMU project, "The qcow2 image format", {@code docs/interop/qcow2}; the sections that the code
 * names are that document's).
 *
 * <p>The disk is cut into clusters. A table of two levels, L1 ({@link trefoil.disk.qcow2.MappingTables}) and L2, says where in the file each cluster of the disk is: nowhere (read the backing
 * file), a zero, compressed, or at an offset. Another table of two levels counts references to each cluster of the file ({@link trefoil.disk.qcow2.Refcounts}); 0 means free.
 *
 * <p><b>Order of writes.</b> Tables are changed in memory, and {@link trefoil.disk.qcow2.Qcow2Image} brings them to the disk in stages with a sync between them, so that a crash between any two
 * writes, whichever the disk had reordered, leaves an image whose only possible fault is clusters counted and not used:
 * <ol>
 *   <li>data of new clusters, raised reference counts, L2 tables that nothing refers to yet; sync;
 *   <li>entries of L2 tables and of L1 that refer to these; sync;
 *   <li>lowered reference counts: of clusters that nothing on the disk refers to any more. Only then are they free to be used again, or given back to the host.
 * </ol>
 *
 * <p><b>Locks.</b> A read-write lock for each image: reading, and writing into clusters that are there already, share it; whatever changes a table has it alone. Below it are the
 * monitors of the table cache and of the decompressor, taken one at a time; the backing file's lock is below the image's.
 *
 * <p><b>Bad images.</b> Nothing in an image is believed before it is compared with the file's length and with this package's bounds on memory. An entry that points to no place or into the image's own tables makes the
 * operation fail, marks the image as corrupt, and stops all writing.
 */
package trefoil.disk.qcow2;
