package trefoil.softcpu;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import trefoil.engine.VcpuWiring;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.integer.Alu;
import trefoil.softcpu.integer.Bits;
import trefoil.softcpu.integer.Branches;
import trefoil.softcpu.integer.MultiplyDivide;
import trefoil.softcpu.integer.Shifts;
import trefoil.softcpu.integer.Strings;
import trefoil.softcpu.integer.Transfers;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.softcpu.system.Features;
import trefoil.softcpu.system.FlagInstructions;
import trefoil.softcpu.system.Halting;
import trefoil.softcpu.system.Hints;
import trefoil.softcpu.system.Identification;
import trefoil.softcpu.system.InputOutput;
import trefoil.softcpu.system.Invalidations;
import trefoil.softcpu.system.ModelSpecific;
import trefoil.softcpu.system.RandomNumbers;
import trefoil.softcpu.system.Registers;
import trefoil.softcpu.transfer.Delivery;
import trefoil.softcpu.transfer.FarTransfers;
import trefoil.softcpu.transfer.SegmentInstructions;
import trefoil.softcpu.transfer.Segments;
import trefoil.softcpu.transfer.Tasks;
import trefoil.softcpu.vector.Crypto;
import trefoil.softcpu.vector.FloatConversions;
import trefoil.softcpu.vector.Floats;
import trefoil.softcpu.vector.Moves;
import trefoil.softcpu.vector.PackedIntegers;
import trefoil.softcpu.vector.Shuffles;
import trefoil.softcpu.vector.TextComparisons;
import trefoil.softcpu.x87.FloatingPoint;
import trefoil.softcpu.x87.SavedState;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Operation;

/** The families of one processor, and which of them executes each row of the instruction table: none does what CPUID does not offer. */
final class Parts {
    private final Family[] families = new Family[InstructionTable.size()];
    private final ModelSpecific msrs;
    private final SavedState saved;
    private final Delivery delivery;

    Parts(Cpu cpu, Mmu mmu, VcpuWiring wiring) {
        Operands operands = new Operands(cpu, mmu);
        msrs = new ModelSpecific(cpu, mmu, wiring.cpuid(), wiring.msrs(), wiring.tsc());
        saved = new SavedState(cpu, mmu, operands, wiring.cpuid());
        Registers registers = new Registers(cpu, mmu, operands, wiring.memory(), wiring.cpuid(), wiring.interrupts());
        Segments segments = new Segments(cpu, mmu);
        Tasks tasks = new Tasks(cpu, mmu, segments, registers.pointers()::load);
        delivery = new Delivery(cpu, mmu, segments, tasks);
        List<Family> all = new ArrayList<>(List.of(
                new Alu(cpu, mmu, operands),
                new Shifts(cpu, mmu, operands),
                new MultiplyDivide(cpu, mmu, operands),
                new Bits(cpu, mmu, operands),
                new Transfers(cpu, mmu, operands),
                new Branches(cpu, mmu, operands),
                new Strings(cpu, mmu, operands)));
        all.add(registers);
        all.add(saved);
        all.add(new FarTransfers(cpu, mmu, operands, segments, tasks, delivery));
        all.add(new SegmentInstructions(cpu, mmu, operands, segments));
        all.add(new FloatingPoint(cpu, mmu, operands));
        all.add(new Moves(cpu, mmu, operands));
        all.add(new PackedIntegers(cpu, mmu, operands));
        all.add(new Shuffles(cpu, mmu, operands));
        all.add(new TextComparisons(cpu, mmu, operands));
        all.add(new Floats(cpu, mmu, operands));
        all.add(new FloatConversions(cpu, mmu, operands));
        all.add(new Crypto(cpu, mmu, operands));
        all.add(msrs);
        all.add(new Identification(cpu, wiring.cpuid(), msrs));
        all.add(new InputOutput(cpu, mmu, operands, wiring.bus()));
        all.add(new FlagInstructions(cpu, mmu, operands, wiring.cpuid()));
        all.add(new Halting(cpu, mmu, operands, wiring.cpuid(), wiring.hypercalls()));
        all.add(new Hints(cpu, mmu, operands));
        all.add(new Invalidations(cpu, mmu, operands));
        all.add(new RandomNumbers(cpu));
        assign(all, new Features(wiring.cpuid()), cpu);
    }

    private void assign(List<Family> all, Features features, Cpu cpu) {
        Map<Operation, Family> byOperation = new EnumMap<>(Operation.class);
        for (Family family : all) {
            for (Operation operation : family.operations()) {
                Family other = byOperation.put(operation, family);
                if (other != null) {
                    throw new IllegalStateException(operation + " belongs to two families: " + other + ", " + family);
                }
            }
        }
        Family undefined = new Undefined(cpu);
        for (int row = 0; row < families.length; row++) {
            Family family = features.allows(row) ? byOperation.get(InstructionTable.row(row).operation()) : null;
            families[row] = family == null ? undefined : family;
        }
    }

    Family[] families() {
        return families;
    }

    ModelSpecific msrs() {
        return msrs;
    }

    SavedState saved() {
        return saved;
    }

    Delivery delivery() {
        return delivery;
    }

    /** Raises #UD. */
    private record Undefined(Cpu cpu) implements Family {
        @Override
        public Set<Operation> operations() {
            return Set.of();
        }

        @Override
        public void execute(Instruction i) {
            throw cpu.ud();
        }
    }
}
