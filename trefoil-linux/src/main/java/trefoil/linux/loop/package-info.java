/**
 * Disks in files: loop(4) devices and the file systems on them, mounted detached by fsopen(2) so that they appear in nobody's
 * mount table.
 */
package trefoil.linux.loop;
