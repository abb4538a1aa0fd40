package trefoil.softcpu.oracle;

import java.util.ArrayList;
import java.util.List;
import trefoil.softcpu.fixture.Lab;
import trefoil.softcpu.integer.Alu;
import trefoil.softcpu.integer.Bits;
import trefoil.softcpu.integer.Branches;
import trefoil.softcpu.integer.MultiplyDivide;
import trefoil.softcpu.integer.Shifts;
import trefoil.softcpu.integer.Strings;
import trefoil.softcpu.integer.Transfers;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.system.FlagInstructions;
import trefoil.softcpu.system.Hints;
import trefoil.softcpu.vector.Crypto;
import trefoil.softcpu.vector.FloatConversions;
import trefoil.softcpu.vector.Floats;
import trefoil.softcpu.vector.Moves;
import trefoil.softcpu.vector.PackedIntegers;
import trefoil.softcpu.vector.Shuffles;
import trefoil.softcpu.vector.TextComparisons;
import trefoil.softcpu.x87.FloatingPoint;

/** The families of instructions that are compared. A new one is entered here. */
final class Families {
    private Families() {}

    static List<Family> of(Lab lab) {
        List<Family> all = new ArrayList<>();
        all.add(new Alu(lab.cpu, lab.mmu, lab.operands));
        all.add(new Bits(lab.cpu, lab.mmu, lab.operands));
        all.add(new Branches(lab.cpu, lab.mmu, lab.operands));
        all.add(new MultiplyDivide(lab.cpu, lab.mmu, lab.operands));
        all.add(new Shifts(lab.cpu, lab.mmu, lab.operands));
        all.add(new Strings(lab.cpu, lab.mmu, lab.operands));
        all.add(new Transfers(lab.cpu, lab.mmu, lab.operands));
        all.add(new FlagInstructions(lab.cpu, lab.mmu, lab.operands, lab.cpuid));
        all.add(new Hints(lab.cpu, lab.mmu, lab.operands));
        all.add(new Moves(lab.cpu, lab.mmu, lab.operands));
        all.add(new PackedIntegers(lab.cpu, lab.mmu, lab.operands));
        all.add(new Shuffles(lab.cpu, lab.mmu, lab.operands));
        all.add(new TextComparisons(lab.cpu, lab.mmu, lab.operands));
        all.add(new Floats(lab.cpu, lab.mmu, lab.operands));
        all.add(new FloatConversions(lab.cpu, lab.mmu, lab.operands));
        all.add(new Crypto(lab.cpu, lab.mmu, lab.operands));
        all.add(new FloatingPoint(lab.cpu, lab.mmu, lab.operands));
        return all;
    }
}
