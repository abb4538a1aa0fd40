package trefoil.softcpu.operand;

import java.util.Set;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/**
 * A family of instructions: one class executes them all.
 *
 * <p>When {@link #execute} is called, {@code cpu.rip} is the instruction's offset and {@code cpu.nextRip} that of the next one. It either completes, having set {@code nextRip} if it branches, or throws
 * {@link trefoil.softcpu.core.Fault} with the processor as it was before. What depends on prefixes alone ({@code LOCK} where it is not allowed) the decoder has refused already; privilege, mode and CPUID
 * features are the family's to check.
 */
public interface Family {
    /** What it executes. */
    Set<Operation> operations();

    void execute(Instruction i);
}
