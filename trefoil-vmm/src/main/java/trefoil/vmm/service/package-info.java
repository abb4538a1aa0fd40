/**
 * The process of a para server: {@link trefoil.vmm.service.Main} is process 1 of an OS-level container of its own, the machine's jail. It holds nothing of the host but what lies in that container: this program, the kernel, the
 * disk that the machine's own one stands on, and the machine's own disk. The container's console is the machine's serial line; the control socket ({@link trefoil.vmm.control}) lies in the container's root; a reset begins the
 * machine anew in the same process, a power-off ends it.
 */
package trefoil.vmm.service;
