package trefoil.image.machine;

import java.nio.file.Path;

/**
 * What a virtual machine boots from. None of the files ever changes, and each directory holds nothing else, so that all machines share them.
 *
 * @param kernel the kernel as its package has it, a bzImage
 * @param initrd the initial RAM disk
 * @param disk a raw image of an ext4 file system: the root
 * @param version of the kernel
 * @param key which of all disks it is: what {@link MachineImages} knows it by
 */
public record MachineImage(Path kernel, Path initrd, Path disk, String version, String key) {}
