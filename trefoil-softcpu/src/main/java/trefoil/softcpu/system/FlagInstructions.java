package trefoil.softcpu.system;

import static trefoil.x86.register.Rflags.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;

/**
 * Instructions that change flags alone, or move all of them (Intel SDM Vol. 2; Vol. 3, 21.3 for the virtual interrupt flag).
 *
 * <p>The processor is told to look up from its loop when IF has been set or TF has changed; a cleared IF needs no look: what is pending then is not taken.
 */
public final class FlagInstructions implements Family {
    private static final int SAHF_FLAGS = SF | ZF | AF | PF | CF;
    /** What POPF may change at every level; AC and ID only with more than 16 bits. */
    private static final int FREE = STATUS | TF | DF | NT;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final boolean lahf64;

    public FlagInstructions(Cpu cpu, Mmu mmu, Operands operands, CpuidPolicy cpuid) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.lahf64 = cpuid.has(CpuFeature.LAHF64);
    }

    @Override
    public Set<Operation> operations() {
        Set<Operation> all = EnumSet.of(Operation.PUSHF, Operation.POPF, Operation.CLI, Operation.STI, Operation.CLC, Operation.STC, Operation.CMC, Operation.CLD, Operation.STD);
        all.addAll(EnumSet.of(Operation.LAHF, Operation.SAHF, Operation.SALC, Operation.CLAC, Operation.STAC));
        return all;
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case PUSHF -> pushFlags(i.operandSize());
            case POPF -> popFlags(i.operandSize());
            case CLI -> clearInterrupts();
            case STI -> setInterrupts();
            case CLC -> cpu.carry(false);
            case STC -> cpu.carry(true);
            case CMC -> cpu.carry(!cpu.carry());
            case CLD -> cpu.systemFlags &= ~DF;
            case STD -> cpu.systemFlags |= DF;
            case LAHF -> loadAh();
            case SAHF -> storeAh();
            case SALC -> cpu.write(Block.RAX, 1, cpu.carry() ? 0xFF : 0);
            case CLAC -> alignment(0);
            case STAC -> alignment(AC);
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    // ---- all flags ----

    private void pushFlags(int size) {
        long image = cpu.rflags() & ~(VM | RF);
        if (isVirtualBelowIopl()) {
            checkExtensions(size);
            image = image & ~IF | IOPL | (cpu.isSet(VIF) ? IF : 0);
        }
        operands.push(image, size);
    }

    private void popFlags(int size) {
        boolean virtual = isVirtualBelowIopl();
        if (virtual) {
            checkExtensions(size);
        }
        long image = operands.peek(0, size);
        if (virtual) {
            popVirtual(image);
        } else {
            replace(image, changeable(size), size > 2);
        }
        operands.release(size);
    }

    /** With CR4.VME and IOPL below 3, VIF stands for IF (Vol. 3, 21.2.7.1 and 21.3). */
    private void popVirtual(long image) {
        boolean enable = (image & IF) != 0;
        if ((image & TF) != 0 || enable && cpu.isSet(VIP)) {
            throw cpu.gp();
        }
        replace(image & ~VIF | (enable ? VIF : 0), FREE | VIF, false);
    }

    /** Which bits POPF changes here. */
    private int changeable(int size) {
        int bits = FREE | (size > 2 ? AC | ID : 0);
        if (cpu.mode == Mode.VIRTUAL_8086) {
            return bits | IF;
        }
        return bits | (cpu.cpl == 0 ? IF | IOPL : cpu.cpl <= cpu.iopl() ? IF : 0);
    }

    private void replace(long image, int changed, boolean clearsResume) {
        long before = cpu.systemFlags;
        long after = before & ~changed | image & changed;
        cpu.systemFlags = after & ~STATUS & ~(clearsResume ? RF : 0) | ALWAYS;
        cpu.status((int) image);
        if (((before ^ after) & AC) != 0) {
            mmu.privilegeChanged();
        }
        if ((~before & after & IF | (before ^ after) & TF) != 0) {
            cpu.attend(Cpu.SELF);
        }
    }

    private boolean isVirtualBelowIopl() {
        return cpu.mode == Mode.VIRTUAL_8086 && cpu.iopl() < 3;
    }

    private void checkExtensions(int size) {
        if ((cpu.cr4 & ControlRegisters.CR4_VME) == 0 || size != 2) {
            throw cpu.gp();
        }
    }

    // ---- interrupts ----

    private void clearInterrupts() {
        if (ownsInterrupts()) {
            cpu.systemFlags &= ~IF;
        } else if (hasVirtualFlag()) {
            cpu.systemFlags &= ~VIF;
        } else {
            throw cpu.gp();
        }
    }

    private void setInterrupts() {
        if (ownsInterrupts()) {
            if (!cpu.isSet(IF)) {
                cpu.systemFlags |= IF;
                cpu.interruptShadow = true;
                cpu.attend(Cpu.SELF);
            }
        } else if (hasVirtualFlag() && !cpu.isSet(VIP)) {
            cpu.systemFlags |= VIF;
        } else {
            throw cpu.gp();
        }
    }

    private boolean ownsInterrupts() {
        return cpu.mode == Mode.REAL || (cpu.mode == Mode.VIRTUAL_8086 ? 3 : cpu.cpl) <= cpu.iopl();
    }

    private boolean hasVirtualFlag() {
        if (cpu.mode == Mode.VIRTUAL_8086) {
            return (cpu.cr4 & ControlRegisters.CR4_VME) != 0;
        }
        return cpu.cpl == 3 && (cpu.cr4 & ControlRegisters.CR4_PVI) != 0;
    }

    // ---- single ones ----

    private void checkLahf() {
        if (cpu.mode == Mode.LONG_64 && !lahf64) {
            throw cpu.ud();
        }
    }

    private void loadAh() {
        checkLahf();
        cpu.write(Block.RAX + 1, 1, cpu.status() & SAHF_FLAGS | ALWAYS);
    }

    private void storeAh() {
        checkLahf();
        int image = (int) cpu.read(Block.RAX + 1, 1);
        cpu.status(cpu.status() & OF | image & SAHF_FLAGS);
    }

    private void alignment(int ac) {
        if (cpu.cpl != 0) {
            throw cpu.ud();
        }
        cpu.systemFlags = cpu.systemFlags & ~AC | ac;
        mmu.privilegeChanged();
    }
}
