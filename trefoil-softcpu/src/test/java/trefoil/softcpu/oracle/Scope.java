package trefoil.softcpu.oracle;

import java.util.EnumSet;
import java.util.Set;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.Flow;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Privilege;
import trefoil.x86.isa.Row;
import trefoil.x86.isa.Trait;

/** Which rows can be compared with the host's processor, and why others cannot. */
final class Scope {
    /** What they give is the host's own affair. */
    private static final Set<Operation> OF_THE_HOST = EnumSet.of(Operation.RDRAND, Operation.RDSEED, Operation.RDPID, Operation.XGETBV, Operation.MONITOR, Operation.SYSCALL, Operation.SYSENTER);

    /** They would change what the virtual machine of the host stands on. */
    private static final Set<Operation> SEGMENTS = EnumSet.of(
            Operation.RDFSBASE, Operation.RDGSBASE, Operation.WRFSBASE, Operation.WRGSBASE, Operation.PUSHSR, Operation.POPSR, Operation.MOVSR, Operation.LAR, Operation.LSL, Operation.VERR, Operation.VERW);

    /** Their images in memory hold what depends on the model (Intel SDM Vol. 1, 8.1.8 and 10.5.1) or have demands that random images do not meet. */
    private static final Set<Operation> IMAGES = EnumSet.of(
            Operation.FXSAVE, Operation.FXRSTOR, Operation.XSAVE, Operation.XSAVEC, Operation.XSAVEOPT, Operation.XRSTOR, Operation.FNSTENV, Operation.FNSAVE, Operation.FLDENV, Operation.FRSTOR);

    private Scope() {}

    /** Why the row is left out, or null. */
    static String exclusion(Row row) {
        Operation operation = row.operation();
        if (!row.existsIn(true)) {
            return "not in 64-bit mode";
        }
        if (!CpuProfile.PC.features().contains(row.feature()) && row.feature() != CpuFeature.BASELINE) {
            return "feature that the profile lacks";
        }
        if (operation.privilege() != Privilege.NONE && operation.privilege() != Privilege.IOPL_V86) {
            return "privileged";
        }
        if (leavesTheProgram(row)) {
            return "leaves the program";
        }
        return isNothingByIntelAlone(row) || isStoreWithoutUnderflow(row) ? "differs by vendor" : listed(operation);
    }

    /** 0F 0D with a register does nothing (Intel SDM Vol. 2, table A-3), or is undefined (AMD64 APM Vol. 3, PREFETCHlevel). */
    private static boolean isNothingByIntelAlone(Row row) {
        return row.operation() == Operation.NOP && row.opcode() == 0x0D;
    }

    /** D9 D8+i is in no manual (reserved: Intel SDM Vol. 2, table A-10; AMD64 APM Vol. 3, appendix A): FSTP here; the host stores nothing where ST(0) is empty, and notes no underflow. */
    private static boolean isStoreWithoutUnderflow(Row row) {
        return row.operation() == Operation.FSTP && row.opcode() == 0xD9 && row.toString().contains("STi");
    }

    private static boolean leavesTheProgram(Row row) {
        Operation operation = row.operation();
        boolean undefined = operation == Operation.UD0 || operation == Operation.UD1 || operation == Operation.UD2;
        Flow flow = operation.flow();
        return !undefined && operation != Operation.POPF && (flow == Flow.FAR || flow == Flow.TRAP || flow == Flow.HALT || flow == Flow.SERIALISING) || operation.has(Trait.HYPERCALL) || row.uses(Addressing.A);
    }

    private static String listed(Operation operation) {
        if (OF_THE_HOST.contains(operation)) {
            return "result is the host's own";
        }
        if (operation.has(Trait.SEGMENT) && operation != Operation.MOV && operation != Operation.POP || SEGMENTS.contains(operation)) {
            return "segments";
        }
        return IMAGES.contains(operation) ? "image that depends on the model" : null;
    }
}
