package trefoil.softcpu.integer;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** Shifts and rotates (Intel SDM Vol. 1, 5.1.5 and Vol. 2). With a masked count of 0 no flag changes. */
public final class Shifts implements Family {
    private final Cpu cpu;
    private final Values values;
    private boolean carry;
    private boolean overflow;

    public Shifts(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.values = new Values(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(ROL, ROR, RCL, RCR, SHL, SHR, SAR, SHLD, SHRD, RORX, SARX, SHLX, SHRX);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case ROL, ROR, RCL, RCR -> rotate(i);
            case SHL, SHR, SAR -> shift(i, values.read(i, 1));
            case SHLD, SHRD -> shiftDouble(i);
            case RORX, SARX, SHLX, SHRX -> withoutFlags(i);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private static int count(long value, int size) {
        return (int) value & (size == 8 ? 63 : 31);
    }

    private void rotate(Instruction i) {
        int size = Values.size(i, 0);
        int count = count(values.read(i, 1), size);
        Operation operation = i.operation();
        values.update(i, 0, a -> count == 0 ? a : rotated(operation, a, count, 8 * size));
        if (count != 0) {
            cpu.flagAux = Flags.with(cpu.flagAux, carry, overflow);
        }
    }

    private long rotated(Operation operation, long a, int count, int bits) {
        long mask = -1L >>> 64 - bits;
        long r;
        switch (operation) {
            case ROL -> {
                int n = count % bits;
                r = n == 0 ? a : (a << n | a >>> bits - n) & mask;
                carry = (r & 1) != 0;
                overflow = bit(r, bits - 1) ^ carry;
            }
            case ROR -> {
                int n = count % bits;
                r = n == 0 ? a : (a >>> n | a << bits - n) & mask;
                carry = bit(r, bits - 1);
                overflow = bit(r, bits - 1) ^ bit(r, bits - 2);
            }
            case RCL -> r = throughCarryLeft(a, count % (bits + 1), bits);
            default -> r = throughCarryRight(a, count % (bits + 1), bits);
        }
        return r;
    }

    private long throughCarryLeft(long a, int n, int bits) {
        boolean c = cpu.carry();
        long r = a;
        for (int k = 0; k < n; k++) {
            boolean out = bit(r, bits - 1);
            r = r << 1 | (c ? 1 : 0);
            c = out;
        }
        r &= -1L >>> 64 - bits;
        carry = c;
        overflow = bit(r, bits - 1) ^ c;
        return r;
    }

    private long throughCarryRight(long a, int n, int bits) {
        boolean c = cpu.carry();
        long r = a;
        for (int k = 0; k < n; k++) {
            boolean out = (r & 1) != 0;
            r = r >>> 1 | (c ? 1L << bits - 1 : 0);
            c = out;
        }
        carry = c;
        overflow = bit(r, bits - 1) ^ bit(r, bits - 2);
        return r;
    }

    private static boolean bit(long value, int n) {
        return (value >>> n & 1) != 0;
    }

    private void shift(Instruction i, long by) {
        int size = Values.size(i, 0);
        int count = count(by, size);
        Operation operation = i.operation();
        long[] result = new long[1];
        values.update(i, 0, a -> result[0] = count == 0 ? a : shifted(operation, a, count, 8 * size));
        commit(result[0], count, size);
    }

    private void commit(long result, int count, int size) {
        if (count != 0) {
            cpu.flagResult = Values.signed(result, size);
            cpu.flagAux = Flags.of(carry, overflow);
        }
    }

    private long shifted(Operation operation, long a, int count, int bits) {
        long r;
        switch (operation) {
            case SHL -> {
                r = a << count;
                carry = count <= bits && bit(a, bits - count);
                overflow = bit(r, bits - 1) ^ carry;
            }
            case SHR -> {
                r = a >>> count;
                carry = bit(a, count - 1);
                overflow = bit(a, bits - 1);
            }
            default -> {
                long extended = a << 64 - bits >> 64 - bits;
                r = extended >> count;
                carry = bit(extended >> count - 1, 0);
                overflow = false;
            }
        }
        return r & -1L >>> 64 - bits;
    }

    private void shiftDouble(Instruction i) {
        int size = Values.size(i, 0);
        int bits = 8 * size;
        int count = count(values.read(i, 2), size);
        long source = values.read(i, 1);
        boolean left = i.operation() == SHLD;
        long[] result = new long[1];
        values.update(i, 0, a -> result[0] = count == 0 ? a : left ? doubleLeft(a, source, count, bits) : doubleRight(a, source, count, bits));
        commit(result[0], count, size);
    }

    /** For 16 bits and counts beyond them the result is undefined; what comes is the operand rotated on. */
    private long doubleLeft(long a, long source, int count, int bits) {
        long r;
        if (bits == 16) {
            long wide = a << 32 | source << 16 | a;
            r = wide << count >>> 32 & 0xFFFF;
            carry = bit(wide, 48 - count);
        } else {
            r = (a << count | source >>> bits - count) & -1L >>> 64 - bits;
            carry = bit(a, bits - count);
        }
        overflow = bit(r ^ a, bits - 1);
        return r;
    }

    private long doubleRight(long a, long source, int count, int bits) {
        long r;
        if (bits == 16) {
            long wide = a << 32 | source << 16 | a;
            r = wide >>> count & 0xFFFF;
            carry = bit(wide, count - 1);
        } else {
            r = (a >>> count | source << bits - count) & -1L >>> 64 - bits;
            carry = bit(a, count - 1);
        }
        overflow = bit(r ^ a, bits - 1);
        return r;
    }

    private void withoutFlags(Instruction i) {
        if (cpu.mode == Mode.REAL || cpu.mode == Mode.VIRTUAL_8086) {
            throw cpu.ud();
        }
        int size = Values.size(i, 0);
        int bits = 8 * size;
        long a = values.read(i, 1);
        int n = count(values.read(i, 2), size);
        values.write(i, 0, switch (i.operation()) {
            case RORX -> n == 0 ? a : a >>> n | a << bits - n;
            case SARX -> Values.signed(a, size) >> n;
            case SHLX -> a << n;
            default -> a >>> n;
        });
    }
}
