package trefoil.softcpu.interpret;

import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.mmu.Mmu;

/** Arithmetic of the {@link HotLoop}: {@code d} is the host address of the register that is read and written, {@code y} the other operand. */
final class HotAlu {
    private static final long LOW = 0xFFFF_FFFFL;

    private HotAlu() {}

    static void add32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x + y;
        RawMemory.putLong(d, r & LOW);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofAddition(x, y, r, 32);
    }

    static void adc32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x + y + (cpu.flagAux < 0 ? 1 : 0);
        RawMemory.putLong(d, r & LOW);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofAddition(x, y, r, 32);
    }

    static void sub32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x - y;
        RawMemory.putLong(d, r & LOW);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofSubtraction(x, y, r, 32);
    }

    static void sbb32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x - y - (cpu.flagAux < 0 ? 1 : 0);
        RawMemory.putLong(d, r & LOW);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofSubtraction(x, y, r, 32);
    }

    static void cmp32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x - y;
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofSubtraction(x, y, r, 32);
    }

    static void and32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x & y;
        RawMemory.putLong(d, r & LOW);
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void or32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x | y;
        RawMemory.putLong(d, r & LOW);
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void xor32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x ^ y;
        RawMemory.putLong(d, r & LOW);
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void test32(Cpu cpu, long d, int y) {
        int x = RawMemory.getInt(d);
        int r = x & y;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void add64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x + y;
        RawMemory.putLong(d, r);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofAddition64(x, y, r);
    }

    static void adc64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x + y + (cpu.flagAux < 0 ? 1 : 0);
        RawMemory.putLong(d, r);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofAddition64(x, y, r);
    }

    static void sub64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x - y;
        RawMemory.putLong(d, r);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofSubtraction64(x, y, r);
    }

    static void sbb64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x - y - (cpu.flagAux < 0 ? 1 : 0);
        RawMemory.putLong(d, r);
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofSubtraction64(x, y, r);
    }

    static void cmp64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x - y;
        cpu.flagResult = r;
        cpu.flagAux = Flags.ofSubtraction64(x, y, r);
    }

    static void and64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x & y;
        RawMemory.putLong(d, r);
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void or64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x | y;
        RawMemory.putLong(d, r);
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void xor64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x ^ y;
        RawMemory.putLong(d, r);
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void test64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x & y;
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void cmp8(Cpu cpu, long x, long y) {
        long r = x - y;
        cpu.flagResult = (byte) r;
        cpu.flagAux = Flags.ofSubtraction(x, y, r, 8);
    }

    /** As {@link #cmp32}, of two values. */
    static void compare(Cpu cpu, long x, long y, int bits) {
        long r = x - y;
        cpu.flagResult = r << 64 - bits >> 64 - bits;
        cpu.flagAux = Flags.ofSubtraction(x, y, r, bits);
    }

    /** Flags of a logical result, extended by its sign. */
    static void logical(Cpu cpu, long r) {
        cpu.flagResult = r;
        cpu.flagAux = 0;
    }

    static void logical8(Cpu cpu, long d, long r) {
        RawMemory.putByte(d, (byte) r);
        logical(cpu, (byte) r);
    }

    static void inc32(Cpu cpu, long d) {
        boolean carry = cpu.flagAux < 0;
        add32(cpu, d, 1);
        cpu.flagAux = Flags.withCarry(cpu.flagAux, carry);
    }

    static void inc64(Cpu cpu, long d) {
        boolean carry = cpu.flagAux < 0;
        add64(cpu, d, 1);
        cpu.flagAux = Flags.withCarry(cpu.flagAux, carry);
    }

    static void dec32(Cpu cpu, long d) {
        boolean carry = cpu.flagAux < 0;
        sub32(cpu, d, 1);
        cpu.flagAux = Flags.withCarry(cpu.flagAux, carry);
    }

    static void dec64(Cpu cpu, long d) {
        boolean carry = cpu.flagAux < 0;
        sub64(cpu, d, 1);
        cpu.flagAux = Flags.withCarry(cpu.flagAux, carry);
    }

    static void neg32(Cpu cpu, long d) {
        int x = RawMemory.getInt(d);
        RawMemory.putLong(d, -x & LOW);
        cpu.flagResult = -x;
        cpu.flagAux = Flags.ofSubtraction(0, x, -x, 32);
    }

    static void neg64(Cpu cpu, long d) {
        long x = RawMemory.getLong(d);
        RawMemory.putLong(d, -x);
        cpu.flagResult = -x;
        cpu.flagAux = Flags.ofSubtraction64(0, x, -x);
    }

    /** Shifts by a constant that is not 0 and less than the size. */
    static void shl32(Cpu cpu, long d, int n) {
        int x = RawMemory.getInt(d);
        int r = x << n;
        RawMemory.putLong(d, r & LOW);
        shifted(cpu, r, (x >>> 32 - n & 1) != 0, r < 0 ^ (x >>> 32 - n & 1) != 0);
    }

    static void shl64(Cpu cpu, long d, int n) {
        long x = RawMemory.getLong(d);
        long r = x << n;
        RawMemory.putLong(d, r);
        shifted(cpu, r, (x >>> 64 - n & 1) != 0, r < 0 ^ (x >>> 64 - n & 1) != 0);
    }

    static void shr32(Cpu cpu, long d, int n) {
        int x = RawMemory.getInt(d);
        int r = x >>> n;
        RawMemory.putLong(d, r & LOW);
        shifted(cpu, r, (x >>> n - 1 & 1) != 0, x < 0);
    }

    static void shr64(Cpu cpu, long d, int n) {
        long x = RawMemory.getLong(d);
        long r = x >>> n;
        RawMemory.putLong(d, r);
        shifted(cpu, r, (x >>> n - 1 & 1) != 0, x < 0);
    }

    static void sar32(Cpu cpu, long d, int n) {
        int x = RawMemory.getInt(d);
        int r = x >> n;
        RawMemory.putLong(d, r & LOW);
        shifted(cpu, r, (x >> n - 1 & 1) != 0, false);
    }

    static void sar64(Cpu cpu, long d, int n) {
        long x = RawMemory.getLong(d);
        long r = x >> n;
        RawMemory.putLong(d, r);
        shifted(cpu, r, (x >> n - 1 & 1) != 0, false);
    }

    private static void shifted(Cpu cpu, long r, boolean carry, boolean overflow) {
        cpu.flagResult = r;
        cpu.flagAux = Flags.of(carry, overflow);
    }

    static void shlByCount32(Cpu cpu, long d, int n) {
        if (n != 0) {
            shl32(cpu, d, n);
        } else {
            RawMemory.putLong(d, RawMemory.getInt(d) & LOW);
        }
    }

    static void shlByCount64(Cpu cpu, long d, int n) {
        if (n != 0) {
            shl64(cpu, d, n);
        }
    }

    static void shrByCount32(Cpu cpu, long d, int n) {
        if (n != 0) {
            shr32(cpu, d, n);
        } else {
            RawMemory.putLong(d, RawMemory.getInt(d) & LOW);
        }
    }

    static void shrByCount64(Cpu cpu, long d, int n) {
        if (n != 0) {
            shr64(cpu, d, n);
        }
    }

    static void sarByCount32(Cpu cpu, long d, int n) {
        if (n != 0) {
            sar32(cpu, d, n);
        } else {
            RawMemory.putLong(d, RawMemory.getInt(d) & LOW);
        }
    }

    static void sarByCount64(Cpu cpu, long d, int n) {
        if (n != 0) {
            sar64(cpu, d, n);
        }
    }

    /** INC and DEC beside ADD to TEST, in {@link #inMemory}. */
    static final int INC = 9;

    static final int DEC = 10;

    /** ADD OR ADC SBB AND SUB XOR by number, or INC or DEC, on memory that is written back before any flag changes. */
    static void inMemory(Cpu cpu, Mmu mmu, int number, long at, long y, int size) {
        mmu.probeWrite(at, size);
        long x = mmu.load(at, size);
        int unused = 64 - 8 * size;
        long carry = cpu.flagAux < 0 ? 1 : 0;
        long r = switch (number) {
            case 0 -> x + y;
            case 1 -> x | y;
            case 2 -> x + y + carry;
            case 3 -> x - y - carry;
            case 4 -> x & y;
            case 5 -> x - y;
            case 6 -> x ^ y;
            case INC -> x + 1;
            default -> x - 1;
        };
        mmu.store(at, size, r);
        cpu.flagResult = r << unused >> unused;
        cpu.flagAux = switch (number) {
            case 0, 2 -> Flags.ofAddition(x, y, r, 8 * size);
            case 3, 5 -> Flags.ofSubtraction(x, y, r, 8 * size);
            case INC -> Flags.withCarry(Flags.ofAddition(x, 1, r, 8 * size), carry != 0);
            case DEC -> Flags.withCarry(Flags.ofSubtraction(x, 1, r, 8 * size), carry != 0);
            default -> 0;
        };
    }

    static void imul32(Cpu cpu, long d, int y) {
        long r = (long) RawMemory.getInt(d) * y;
        RawMemory.putLong(d, r & LOW);
        boolean overflow = (int) r != r;
        cpu.flagAux = Flags.with(cpu.flagAux, overflow, overflow);
    }

    static void imul64(Cpu cpu, long d, long y) {
        long x = RawMemory.getLong(d);
        long r = x * y;
        RawMemory.putLong(d, r);
        boolean overflow = Math.multiplyHigh(x, y) != r >> 63;
        cpu.flagAux = Flags.with(cpu.flagAux, overflow, overflow);
    }
}
