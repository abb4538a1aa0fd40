/**
 * What a container may ask of the kernel: a seccomp(2) filter, classic BPF assembled from an allow list.
 *
 * <p>{@link trefoil.linux.seccomp.SystemCalls} is the table of numbers, {@code Policy} the decisions and their reasons, {@code Rule}
 * one decision and its instructions, and {@link trefoil.linux.seccomp.SeccompFilter} arranges them as a search tree over the call numbers.
 */
package trefoil.linux.seccomp;
