/**
 * Memory as the processor sees it. {@link trefoil.softcpu.mmu.Mmu} loads and stores at linear addresses: in the usual case a compare with a tag in the software {@link trefoil.softcpu.mmu.Tlb} and an access to host memory, else
 * a walk of the guest's page tables ({@link trefoil.softcpu.mmu.PageWalker}), a device's register, an access that crosses a page, or a {@link trefoil.softcpu.core.Fault}.
 * {@link trefoil.softcpu.mmu.CodePages} knows, for the whole machine, which pages have been decoded, so that a write into one is noticed.
 */
package trefoil.softcpu.mmu;
