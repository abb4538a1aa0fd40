package trefoil.softcpu.operand;

import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;

/**
 * Operands of one processor's instructions. Values are zero-extended longs; {@code size} is 1, 2, 4 or 8 octets.
 *
 * <p>{@code E} is the operand of ModRM.rm, {@code G} that of ModRM.reg, as in appendix A of the manual. A family that reads and then writes one place in memory takes its address once, by
 * {@link #linear(Instruction, int, Access)} with {@link Access#WRITE}.
 */
public final class Operands {
    private static final int EXPAND_DOWN = 4;
    private static final int CODE = 8;
    private static final int WRITABLE_OR_READABLE = 2;

    private final Cpu cpu;
    private final Mmu mmu;

    public Operands(Cpu cpu, Mmu mmu) {
        this.cpu = cpu;
        this.mmu = mmu;
    }

    // ---- addresses ----

    /** The offset of the memory operand, cut to the address size. */
    public long offset(Instruction i) {
        long base = i.base() == Instruction.NONE ? 0 : i.base() == Instruction.RIP ? cpu.nextRip : cpu.general(i.base());
        long index = i.index() == Instruction.NONE ? 0 : cpu.general(i.index()) << i.scale();
        return cut(base + index + i.displacement(), i.addressSize());
    }

    /** An address of so many octets. */
    public static long cut(long value, int octets) {
        return octets == 8 ? value : value & (1L << 8 * octets) - 1;
    }

    /** Number of the segment register of the memory operand: SS if the base is RSP or RBP, else DS, unless overridden. */
    public int segment(Instruction i) {
        if (i.segment() != Instruction.NONE) {
            return i.segment();
        }
        // ModRM with 16-bit addresses: BP as base is register 5 too.
        return i.base() == 4 || i.base() == 5 ? Cpu.SS : Cpu.DS;
    }

    /** Linear address of the memory operand, whose {@code size} octets may be accessed so as far as segmentation goes. */
    public long linear(Instruction i, int size, Access access) {
        return linear(segment(i), offset(i), size, access);
    }

    /**
     * Linear address of an offset in a segment, checked against limit and rights (Intel SDM Vol. 3, 5.3, 5.5; in 64-bit mode for being canonical).
     *
     * @throws Fault #GP(0), or #SS(0) if the segment is SS
     */
    public long linear(int segment, long offset, int size, Access access) {
        if (cpu.mode == Mode.LONG_64) {
            long linear = offset + cpu.effectiveBase(segment);
            if (!mmu.isCanonical(linear) || !mmu.isCanonical(linear + size - 1)) {
                throw refused(segment);
            }
            return linear;
        }
        if (!cpu.flat || segment > Cpu.DS || segment == Cpu.CS && access == Access.WRITE || offset + size > 0x1_0000_0000L) {
            check(segment, offset, size, access);
        }
        return offset + cpu.base[segment] & 0xFFFF_FFFFL;
    }

    private void check(int segment, long offset, int size, Access access) {
        int attributes = cpu.attributes[segment];
        boolean code = (attributes & CODE) != 0;
        if (cpu.mode.hasDescriptors()) {
            boolean right = access == Access.WRITE ? !code && (attributes & WRITABLE_OR_READABLE) != 0 : access == Access.FETCH || !code || (attributes & WRITABLE_OR_READABLE) != 0;
            if ((attributes & Cpu.ATTRIBUTE_P) == 0 || !right) {
                throw refused(segment);
            }
        }
        long limit = cpu.limit[segment];
        long last = offset + size - 1;
        boolean inside;
        if (!code && (attributes & EXPAND_DOWN) != 0) {
            inside = offset > limit && last <= ((attributes & Cpu.ATTRIBUTE_DB) != 0 ? 0xFFFF_FFFFL : 0xFFFF);
        } else {
            // A limit of 4 GiB - 1 lets an access wrap around; so do processors.
            inside = last <= limit || limit == 0xFFFF_FFFFL;
        }
        if (!inside) {
            throw refused(segment);
        }
    }

    private Fault refused(int segment) {
        return cpu.fault(segment == Cpu.SS ? Vector.SS : Vector.GP, 0);
    }

    // ---- E and G ----

    /** Whether ModRM.rm is memory. */
    public static boolean isMemory(Instruction i) {
        return !i.registerForm();
    }

    /** Offset in the block of ModRM.rm as a register (or that of the opcode's low bits). */
    public static int rmRegister(Instruction i, int size) {
        return Cpu.offset(i.rm(), size, i.rex() != 0);
    }

    /** Offset in the block of ModRM.reg. */
    public static int regRegister(Instruction i, int size) {
        return Cpu.offset(i.reg(), size, i.rex() != 0);
    }

    public long readE(Instruction i, int size) {
        return isMemory(i) ? mmu.load(linear(i, size, Access.READ), size) : cpu.read(rmRegister(i, size), size);
    }

    public void writeE(Instruction i, int size, long value) {
        if (isMemory(i)) {
            mmu.store(linear(i, size, Access.WRITE), size, value);
        } else {
            cpu.write(rmRegister(i, size), size, value);
        }
    }

    public long readG(Instruction i, int size) {
        return cpu.read(regRegister(i, size), size);
    }

    public void writeG(Instruction i, int size, long value) {
        cpu.write(regRegister(i, size), size, value);
    }

    // ---- the stack ----

    /** Octets of a stack operation: the operand size. Reads what is {@code above} octets above the top of the stack. */
    public long peek(int above, int size) {
        return mmu.load(linear(Cpu.SS, cpu.general(4) + above & cpu.stackMask, size, Access.READ), size);
    }

    /** Stores below the top of the stack and moves it; nothing moves if the store faults. */
    public void push(long value, int size) {
        long top = cpu.general(4) - size & cpu.stackMask;
        mmu.store(linear(Cpu.SS, top, size, Access.WRITE), size, value);
        stackPointer(top);
    }

    /** Moves the top of the stack up. */
    public void release(int octets) {
        stackPointer(cpu.general(4) + octets & cpu.stackMask);
    }

    /** Sets as much of RSP as the stack's size counts. */
    public void stackPointer(long value) {
        if (cpu.stackMask == 0xFFFF) {
            cpu.write(Block.RSP, 2, value);
        } else {
            cpu.write(Block.RSP, cpu.stackMask == -1 ? 8 : 4, value);
        }
    }
}
