package trefoil.vmm;

import java.nio.file.Path;

/**
 * What a machine is made of.
 *
 * @param name for people
 * @param memory octets of RAM, a multiple of 2 MiB
 * @param kernel a bzImage or an ELF kernel with a PVH note
 * @param initrd initial RAM disk; null for none
 */
public record MachinePlan(String name, long memory, Path kernel, Path initrd, String commandLine) {}
