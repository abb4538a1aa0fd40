/**
 * Instructions by which a system governs its processor: control, debug and model-specific registers, CPUID, ports, the flags, waiting, caches and translations, calls of the hypervisor.
 *
 * <p>Each class is one {@link trefoil.softcpu.operand.Family}. All checks of a value come first, then it is kept, and then whatever was derived from the old value is told: the
 * {@link trefoil.softcpu.mmu.Mmu} of translations and rights, the {@link trefoil.softcpu.core.Cpu} of mode and of what may be due between two instructions.
 * {@link trefoil.softcpu.system.Features} says for each row of the instruction table whether this processor has it at all.
 */
package trefoil.softcpu.system;
