/**
 * Starting a Linux kernel without firmware. {@link trefoil.pc.boot.BzImage} and {@link trefoil.pc.boot.ElfKernel} read what a distribution ships and refuse, by name, what is none;
 * {@link trefoil.pc.boot.KernelUnpacker} takes the ELF file out of the first. {@link trefoil.pc.boot.PvhBoot} enters it as the PVH ABI says, {@link trefoil.pc.boot.LinuxBoot64} enters a bzImage as
 * Linux's 64-bit boot protocol says (which leaves the unpacking, and address randomization, to the guest). Both fill guest memory and answer with the {@link trefoil.pc.boot.EntryState} of the first processor.
 *
 * <p>{@link trefoil.pc.boot.PcMemoryMap} says where RAM is, and what a guest is told of the rest.
 */
package trefoil.pc.boot;
