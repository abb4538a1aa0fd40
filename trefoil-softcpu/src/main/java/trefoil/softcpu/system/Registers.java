package trefoil.softcpu.system;

import static trefoil.x86.register.ControlRegisters.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.engine.InterruptSource;
import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.cpuid.CpuidState;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Operation;
import trefoil.x86.paging.PagingMode;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Efer;
import trefoil.x86.register.FloatingPointControl;

/** Control registers, the machine status word, debug registers and XCR0 (Intel SDM Vol. 3, 2.5, 2.6, 10.8.5 and 18.2; Vol. 2, MOV). */
public final class Registers implements Family {
    /** Changes of these make PAE paging load its pointers again (Vol. 3, 4.4.1). */
    private static final long CR0_LOADS_POINTERS = CR0_CD | CR0_NW | CR0_PG;

    private static final long CR4_LOADS_POINTERS = CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP;
    private static final long CR4_TRANSLATES = CR4_FLUSHES | CR4_SMAP | CR4_PCIDE;
    private static final int TYPE = 0x1F;
    /** Task state of 16 bits, without the busy bit. */
    private static final int TASK_STATE_16 = 1;

    private static final int BUSY = 2;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final CpuidPolicy cpuid;
    private final InterruptSource interrupts;
    private final ControlValues values;
    private final PointerRegisters pointers;

    public Registers(Cpu cpu, Mmu mmu, Operands operands, GuestMemory memory, CpuidPolicy cpuid, InterruptSource interrupts) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.cpuid = cpuid;
        this.interrupts = interrupts;
        int physicalBits = cpuid.answer(0x8000_0008, 0, CpuidState.RESET).eax() & 0xFF;
        this.values = new ControlValues(cpuid, physicalBits);
        this.pointers = new PointerRegisters(cpu, memory, physicalBits);
    }

    /** For whoever else loads CR3 in PAE paging. */
    public PointerRegisters pointers() {
        return pointers;
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(Operation.MOVCR, Operation.MOVDR, Operation.LMSW, Operation.SMSW, Operation.CLTS, Operation.XGETBV, Operation.XSETBV);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case MOVCR -> moveControl(i);
            case MOVDR -> moveDebug(i);
            case LMSW -> loadStatusWord(i);
            case SMSW -> storeStatusWord(i);
            case CLTS -> clearTaskSwitched();
            case XGETBV -> getExtended();
            case XSETBV -> setExtended();
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    /** Control and debug registers move whole: 64 bits in 64-bit mode, else 32, whatever the prefixes. */
    private int width() {
        return cpu.mode == Mode.LONG_64 ? 8 : 4;
    }

    private void checkPrivilege() {
        if (cpu.cpl != 0) {
            throw cpu.gp();
        }
    }

    /** The opcodes 20 and 21 read the register, 22 and 23 write it. */
    private static boolean writes(Instruction i) {
        return (i.opcode() & 2) != 0;
    }

    private long source(Instruction i) {
        return cpu.read(Operands.rmRegister(i, width()), width());
    }

    private void destination(Instruction i, long value) {
        cpu.write(Operands.rmRegister(i, width()), width(), value);
    }

    // ---- control registers ----

    private void moveControl(Instruction i) {
        int n = i.reg();
        if (n != 0 && n != 2 && n != 3 && n != 4 && n != 8) {
            throw cpu.ud();
        }
        checkPrivilege();
        if (writes(i)) {
            writeControl(n, source(i));
            RawMemory.fullFence();
        } else {
            destination(i, readControl(n));
        }
    }

    private long readControl(int n) {
        return switch (n) {
            case 0 -> cpu.cr0;
            case 2 -> cpu.cr2;
            case 3 -> cpu.cr3;
            case 4 -> cpu.cr4;
            default -> interrupts.taskPriority();
        };
    }

    private void writeControl(int n, long value) {
        switch (n) {
            case 0 -> cr0(value);
            case 2 -> cpu.cr2 = value;
            case 3 -> cr3(value);
            case 4 -> cr4(value);
            default -> cr8(value);
        }
    }

    private void cr0(long wanted) {
        if (isInvalidCr0(wanted)) {
            throw cpu.gp();
        }
        long value = wanted & CR0_DEFINED | CR0_ET;
        long changed = cpu.cr0 ^ value;
        if ((changed & CR0_PG) != 0) {
            checkPagingSwitch((value & CR0_PG) != 0);
        }
        boolean activates = (value & CR0_PG) != 0 && (cpu.efer & Efer.LME) != 0;
        long efer = cpu.efer & ~Efer.LMA | (activates ? Efer.LMA : 0);
        boolean pae = PagingMode.of(value, cpu.cr4, efer) == PagingMode.PAE;
        if (pae && (changed & CR0_LOADS_POINTERS) != 0 && !pointers.load(cpu.cr3)) {
            throw cpu.gp();
        }
        cpu.cr0 = value;
        cpu.efer = efer;
        cr0Changed(changed);
    }

    /** What forbids paging to begin or to end (Vol. 3, 4.1.2 and 10.8.5). */
    private void checkPagingSwitch(boolean begins) {
        if (!begins) {
            if (cpu.mode == Mode.LONG_64 || (cpu.cr4 & CR4_PCIDE) != 0) {
                throw cpu.gp();
            }
        } else if ((cpu.efer & Efer.LME) != 0) {
            boolean longCode = (cpu.attributes[Cpu.CS] & Cpu.ATTRIBUTE_L) != 0;
            boolean smallTask = (cpu.attributes[Cpu.TR] & TYPE & ~BUSY) == TASK_STATE_16;
            if ((cpu.cr4 & CR4_PAE) == 0 || longCode || smallTask) {
                throw cpu.gp();
            }
        }
    }

    private void cr0Changed(long changed) {
        if ((changed & (CR0_PE | CR0_PG)) != 0) {
            cpu.modeChanged();
        }
        if ((changed & (CR0_PG | CR0_WP)) != 0) {
            mmu.pagingChanged();
        } else if ((changed & CR0_AM) != 0) {
            mmu.privilegeChanged();
        }
    }

    private void cr3(long value) {
        if (values.isInvalidCr3(cpu, value)) {
            throw cpu.gp();
        }
        boolean pae = PagingMode.of(cpu.cr0, cpu.cr4, cpu.efer) == PagingMode.PAE;
        if (pae && !pointers.load(value)) {
            throw cpu.gp();
        }
        cpu.cr3 = value & ~CR3_NO_FLUSH;
        mmu.tableChanged(value < 0);
    }

    private void cr4(long value) {
        if (values.isInvalidCr4(cpu, value)) {
            throw cpu.gp();
        }
        long changed = cpu.cr4 ^ value;
        boolean pae = PagingMode.of(cpu.cr0, value, cpu.efer) == PagingMode.PAE;
        if (pae && (changed & CR4_LOADS_POINTERS) != 0 && !pointers.load(cpu.cr3)) {
            throw cpu.gp();
        }
        cpu.cr4 = value;
        if ((changed & CR4_TRANSLATES) != 0) {
            mmu.pagingChanged();
        }
    }

    /** The task priority; when it falls an interrupt may be due that was held back. */
    private void cr8(long value) {
        if (value >>> 4 != 0) {
            throw cpu.gp();
        }
        interrupts.taskPriority((int) value);
        cpu.attend(Cpu.INTERRUPT);
    }

    // ---- the machine status word ----

    /** Four bits of CR0 are loaded, of which PE is never cleared. */
    private void loadStatusWord(Instruction i) {
        checkPrivilege();
        long word = operands.readE(i, 2);
        cr0(cpu.cr0 & ~(CR0_LMSW & ~CR0_PE) | word & CR0_LMSW);
    }

    private void storeStatusWord(Instruction i) {
        if (cpu.cpl != 0 && (cpu.cr4 & CR4_UMIP) != 0) {
            throw cpu.gp();
        }
        operands.writeE(i, Operands.isMemory(i) ? 2 : i.operandSize(), cpu.cr0);
    }

    private void clearTaskSwitched() {
        checkPrivilege();
        cpu.cr0 &= ~CR0_TS;
    }

    // ---- debug registers ----

    private void moveDebug(Instruction i) {
        int n = i.reg();
        if (n > 7 || (n == 4 || n == 5) && (cpu.cr4 & CR4_DE) != 0) {
            throw cpu.ud();
        }
        checkPrivilege();
        checkGeneralDetect();
        int at = n == 4 || n == 5 ? n + 2 : n;
        if (writes(i)) {
            debug(at, source(i));
            RawMemory.fullFence();
        } else {
            destination(i, cpu.dr[at]);
        }
    }

    /** DR7.GD: a fault before the access; that delivery clears GD is delivery's (Vol. 3, 18.2.4 and 18.3.1.3). */
    private void checkGeneralDetect() {
        if ((cpu.dr[7] & DebugRegisters.DR7_GD) != 0) {
            cpu.dr[6] |= DebugRegisters.DR6_BD;
            throw cpu.fault(Vector.DB);
        }
    }

    /** DR0 to DR3 take any address; the upper halves of DR6 and DR7 must be 0. */
    private void debug(int n, long value) {
        if (n >= 6 && value >>> 32 != 0) {
            throw cpu.gp();
        }
        cpu.dr[n] = switch (n) {
            case 6 -> value & DebugRegisters.DR6_WRITABLE | DebugRegisters.DR6_ONES;
            case 7 -> value & DebugRegisters.DR7_WRITABLE | DebugRegisters.DR7_ONES;
            default -> value;
        };
        if (n != 6) {
            mmu.breakpointsChanged();
            cpu.attend(Cpu.SELF);
        }
    }

    // ---- extended control registers ----

    private void checkExtended() {
        if ((cpu.cr4 & CR4_OSXSAVE) == 0) {
            throw cpu.ud();
        }
    }

    private void getExtended() {
        checkExtended();
        int n = (int) cpu.general(1);
        if (n != 0 && (n != 1 || !cpuid.has(CpuFeature.XGETBV1))) {
            throw cpu.gp();
        }
        long value = n == 0 ? cpu.xcr0 : cpu.xcr0 & inUse();
        cpu.write(Block.RAX, 4, value);
        cpu.write(Block.RDX, 4, value >>> 32);
    }

    /** Components that are not as after reset (Vol. 1, 13.6); x87 always counts as used, which is allowed. */
    private long inUse() {
        boolean sse = cpu.mxcsr != FloatingPointControl.MXCSR_RESET || isAny(Block.XMM);
        return XCR0_X87 | (sse ? XCR0_SSE : 0) | (isAny(Block.YMM_HIGH) ? XCR0_AVX : 0);
    }

    private boolean isAny(int offset) {
        long any = 0;
        for (int at = 0; at < 256; at += 8) {
            any |= RawMemory.getLong(cpu.block + offset + at);
        }
        return any != 0;
    }

    private void setExtended() {
        checkExtended();
        checkPrivilege();
        long value = cpu.read(Block.RDX, 4) << 32 | cpu.read(Block.RAX, 4);
        if ((int) cpu.general(1) != 0 || ControlRegisters.isInvalidXcr0(value, cpuid.supportedXcr0())) {
            throw cpu.gp();
        }
        cpu.xcr0 = value;
        cpu.attend(Cpu.SELF);
    }
}
