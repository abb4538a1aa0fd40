/**
 * What the host has, what is kept for itself, what servers were promised, and whether there is room for one more.
 *
 * <p>Promises are of two kinds. <em>Guarantees</em> of memory are added up over the servers that run or are being
 * started, and a start that would break one is refused with the numbers; the kernel then protects the guarantee
 * ({@code memory.low}, or v1's soft limit). <em>Disk caps</em> are promised from creation on: what a server may still
 * write must fit beside what others may. Everything else is work-conserving: CPU weights share what is contended and
 * leave the idle to whoever needs it, and caps are ceilings, not claims, so their sum may exceed the host.
 */
package trefoil.daemon.ledger;
