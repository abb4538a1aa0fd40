/**
 * What virtual machines boot from: Debian's kernel as its package has it, an initial RAM disk of our own, and a root file system on ext4, made of the same image as OS-level servers have, with the kernel's modules added.
 *
 * <p>{@link trefoil.image.machine.KernelBuild} makes {@code kernels/VERSION} of the store: {@code vmlinuz}, {@code initrd} and {@code modules}. The initial RAM disk ({@link trefoil.image.machine.CpioWriter}) is not compressed:
 * unpacking would take the guest longer than copying. Its {@code /init} (a resource) loads drivers, mounts the root, gives the machine the name and addresses that the kernel's command line tells, starts the agent through which
 * the host runs commands, and becomes the machine's own init. {@link trefoil.image.machine.RootDisks} makes {@code machines/…/root.ext4}, of which each machine has a copy on write.
 */
package trefoil.image.machine;
