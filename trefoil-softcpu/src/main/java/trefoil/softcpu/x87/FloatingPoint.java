package trefoil.softcpu.x87;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** The instructions of the x87 (Intel SDM Vol. 1, chapter 8): opcodes D8 to DF, and FWAIT. */
public final class FloatingPoint implements Family {
    private final Unit unit;
    private final Map<Operation, Family> groups = new EnumMap<>(Operation.class);

    public FloatingPoint(Cpu cpu, Mmu mmu, Operands operands) {
        unit = new Unit(cpu, mmu, operands);
        for (Family group : List.of(new Transfers(unit), new Calculations(unit), new Functions(unit), new Controls(unit))) {
            group.operations().forEach(operation -> groups.put(operation, group));
        }
    }

    /** What is told, on the processor's thread, that an instruction finds an unmasked exception pending while CR0.NE is 0: the pin FERR# (Vol. 1, 8.7.2). The instruction goes on. */
    public void onFerr(Runnable ferr) {
        unit.ferr = ferr;
    }

    @Override
    public Set<Operation> operations() {
        return groups.keySet();
    }

    @Override
    public void execute(Instruction i) {
        Family group = groups.get(i.operation());
        if (group == null) {
            throw new IllegalStateException(i.operation().name());
        }
        group.execute(i);
    }
}
