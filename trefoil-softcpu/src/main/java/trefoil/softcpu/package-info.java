/**
 * The software processor: {@link trefoil.softcpu.SoftEngine} makes vCPUs that need no help of the hardware's. A vCPU is put together here from its state ({@code core}), memory management ({@code mmu}), the families of
 * instructions, and the interpreter that runs them.
 */
package trefoil.softcpu;
