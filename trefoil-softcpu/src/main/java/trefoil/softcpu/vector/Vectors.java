package trefoil.softcpu.vector;

import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.Operand;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.FloatingPointControl;

/** Operands of vector instructions. {@link #read} leaves an operand in {@link #low} and {@link #high}. */
final class Vectors {
    private static final int MMX_EXPONENT = 0xFFFF;
    private static final int ALL_VALID = 0xFF;

    final Cpu cpu;
    final Mmu mmu;
    final Operands operands;

    long low;
    long high;

    Vectors(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
    }

    // ---- whether the registers may be used ----

    /** What is asked before an instruction with XMM registers (Vol. 3, 13.1.3 and 2.5). */
    void checkSse() {
        if ((cpu.cr0 & ControlRegisters.CR0_EM) != 0 || (cpu.cr4 & ControlRegisters.CR4_OSFXSR) == 0) {
            throw cpu.ud();
        }
        checkTaskSwitched();
    }

    /** What is asked before an instruction with MMX registers (Vol. 3, 12.1); it makes the x87's registers MMX's own (Vol. 1, 9.5.1). */
    void checkMmx() {
        if ((cpu.cr0 & ControlRegisters.CR0_EM) != 0) {
            throw cpu.ud();
        }
        checkTaskSwitched();
        if ((cpu.x87.status & FloatingPointControl.FSW_ES) != 0 && (cpu.cr0 & ControlRegisters.CR0_NE) != 0) {
            throw cpu.fault(Vector.MF);
        }
    }

    private void checkTaskSwitched() {
        if ((cpu.cr0 & ControlRegisters.CR0_TS) != 0) {
            throw cpu.fault(Vector.NM);
        }
    }

    /** Checks for whatever registers the instruction has. */
    void check(Instruction i) {
        if (usesMmx(i)) {
            checkMmx();
            if (usesXmm(i)) {
                checkSse();
            }
        } else {
            checkSse();
        }
    }

    static boolean usesMmx(Instruction i) {
        return i.row().uses(Addressing.P) || i.row().uses(Addressing.N) || i.row().uses(Addressing.Q);
    }

    static boolean usesXmm(Instruction i) {
        return i.row().uses(Addressing.V) || i.row().uses(Addressing.W) || i.row().uses(Addressing.U);
    }

    /** After an MMX instruction has gone through: the x87's stack is full, its top 0. */
    void enterMmx() {
        cpu.x87.top = 0;
        cpu.x87.valid = ALL_VALID;
    }

    // ---- operands ----

    static Operand operand(Instruction i, int n) {
        return i.row().operands().get(n);
    }

    /** Octets of an operand in memory. */
    static int memorySize(Instruction i, int n) {
        return operand(i, n).memoryType().size(i.operandSize(), 16);
    }

    /** Linear address of an operand in memory, aligned as the row asks for. */
    long address(Instruction i, int n, Access access) {
        int size = memorySize(i, n);
        long at = operands.linear(i, size, access);
        if ((at & i.row().alignment(16) - 1) != 0) {
            throw cpu.gp();
        }
        return at;
    }

    /** Reads operand {@code n}: a register whole, memory as wide as it is, the rest 0; general registers zero-extended. */
    void read(Instruction i, int n) {
        high = 0;
        switch (operand(i, n).addressing()) {
            case V -> readXmm(i.reg());
            case XMM0 -> readXmm(0);
            case U -> readXmm(i.rm());
            case P -> low = cpu.x87.significand[i.reg()];
            case N -> low = cpu.x87.significand[i.rm()];
            case G -> low = cpu.general(i.reg());
            case W, Q, E, R, M -> readRm(i, n);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private void readXmm(int n) {
        low = cpu.xmmLow(n);
        high = cpu.xmmHigh(n);
    }

    private void readRm(Instruction i, int n) {
        Addressing addressing = operand(i, n).addressing();
        if (!i.registerForm()) {
            load(address(i, n, Access.READ), memorySize(i, n));
        } else if (addressing == Addressing.W) {
            readXmm(i.rm());
        } else if (addressing == Addressing.Q) {
            low = cpu.x87.significand[i.rm() & 7];
        } else {
            int size = operand(i, n).registerType().size(i.operandSize(), 16);
            low = cpu.read(Operands.rmRegister(i, size), size);
        }
    }

    /** Loads 1, 2, 4, 8 or 16 octets. */
    void load(long at, int size) {
        if (size < 16) {
            low = mmu.load(at, size);
            return;
        }
        long host = mmu.readable(at, 16);
        if (host != 0) {
            low = RawMemory.getLongAcquire(host);
            high = RawMemory.getLongAcquire(host + 8);
        } else {
            low = mmu.load64(at);
            high = mmu.load64(at + 8);
        }
    }

    /** Stores 16 octets, all or none. */
    void store(long at, long lowPart, long highPart) {
        long host = mmu.writable(at, 16);
        if (host != 0) {
            RawMemory.putLongRelease(host, lowPart);
            RawMemory.putLongRelease(host + 8, highPart);
        } else {
            mmu.probeWrite(at, 16);
            mmu.store64(at, lowPart);
            mmu.store64(at + 8, highPart);
        }
    }

    /** Writes operand {@code n}, a register whole or memory as wide as it is. */
    void write(Instruction i, int n, long lowPart, long highPart) {
        switch (operand(i, n).addressing()) {
            case V -> cpu.xmm(i.reg(), lowPart, highPart);
            case U -> cpu.xmm(i.rm(), lowPart, highPart);
            case P -> mmx(i.reg(), lowPart);
            case N -> mmx(i.rm(), lowPart);
            case G -> {
                int size = operand(i, n).registerType().size(i.operandSize(), 16);
                cpu.write(8 * i.reg(), size, lowPart);
            }
            case W, Q, E, R, M -> writeRm(i, n, lowPart, highPart);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private void writeRm(Instruction i, int n, long lowPart, long highPart) {
        Addressing addressing = operand(i, n).addressing();
        if (!i.registerForm()) {
            int size = memorySize(i, n);
            long at = address(i, n, Access.WRITE);
            if (size == 16) {
                store(at, lowPart, highPart);
            } else {
                mmu.store(at, size, lowPart);
            }
        } else if (addressing == Addressing.W) {
            cpu.xmm(i.rm(), lowPart, highPart);
        } else if (addressing == Addressing.Q) {
            mmx(i.rm() & 7, lowPart);
        } else {
            int size = operand(i, n).registerType().size(i.operandSize(), 16);
            cpu.write(8 * i.rm(), size, lowPart);
        }
    }

    private void mmx(int n, long value) {
        cpu.x87.significand[n] = value;
        cpu.x87.signExponent[n] = MMX_EXPONENT;
    }
}
