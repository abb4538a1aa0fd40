package trefoil.softcpu.system;

import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.isa.InstructionTable;

/** Which rows of the instruction table a processor has. An instruction of any other is undefined: #UD (Intel SDM Vol. 2, 3.1.1.5). */
public final class Features {
    private final boolean[] allowed = new boolean[InstructionTable.size()];

    public Features(CpuidPolicy cpuid) {
        for (int row = 0; row < allowed.length; row++) {
            allowed[row] = cpuid.has(InstructionTable.row(row).feature());
        }
    }

    /** Whether CPUID offers what a row asks for. */
    public boolean allows(int row) {
        return allowed[row];
    }
}
