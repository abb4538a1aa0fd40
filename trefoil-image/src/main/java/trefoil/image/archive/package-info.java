/**
 * Import of a file that may be anything: told by its content, never by its name, it goes to the OCI reader, is unpacked as the
 * tarball of a root file system, or is refused with the word for what it is (a disk image, an installer, a kernel).
 */
package trefoil.image.archive;
