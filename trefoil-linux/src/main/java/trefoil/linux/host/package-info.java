/**
 * The host as its kernel describes it: the small text files of proc(5), sysfs(5) and cgroupfs, and what the daemon's
 * ledger needs from them.
 *
 * <p>{@link trefoil.linux.host.KernelFile} reads and writes such files whole, in one read(2) or write(2) as the kernel
 * expects; {@link trefoil.linux.host.Host} turns them into figures with units. Nothing here keeps state: every method
 * looks anew, and a caller that wants a rate takes two samples.
 */
package trefoil.linux.host;
