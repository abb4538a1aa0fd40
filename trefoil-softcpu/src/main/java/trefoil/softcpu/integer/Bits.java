package trefoil.softcpu.integer;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** Bits and bytes (Intel SDM Vol. 1, 5.1.6, 5.1.14, 5.1.15). */
public final class Bits implements Family {
    private static final int CASTAGNOLI_REFLECTED = 0x82F6_3B78;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Values values;

    public Bits(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.values = new Values(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(BT, BTS, BTR, BTC, BSF, BSR, TZCNT, LZCNT, POPCNT, CRC32, ANDN, BEXTR, BLSI, BLSMSK, BLSR, BZHI, PDEP, PEXT);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case BT, BTS, BTR, BTC -> test(i);
            case BSF, BSR -> scan(i);
            case TZCNT, LZCNT, POPCNT -> count(i);
            case CRC32 -> crc(i);
            default -> manipulate(i);
        }
    }

    private static long change(Operation operation, long a, long bit) {
        return switch (operation) {
            case BTS -> a | bit;
            case BTR -> a & ~bit;
            case BTC -> a ^ bit;
            default -> a;
        };
    }

    /** A bit of a register, or of a string of bits in memory that begins at the operand (Vol. 1, 4.3 and Vol. 2, BT). */
    private void test(Instruction i) {
        int size = Values.size(i, 0);
        Operation operation = i.operation();
        long number = values.read(i, 1);
        long bit = 1L << (number & 8 * size - 1);
        boolean[] set = new boolean[1];
        if (Values.isMemory(i, 0)) {
            long at = bitAddress(i, number, size, operation == BT ? Access.READ : Access.WRITE);
            if (operation == BT) {
                set[0] = (mmu.load(at, size) & bit) != 0;
            } else {
                values.update(at, size, i.lock(), a -> {
                    set[0] = (a & bit) != 0;
                    return change(operation, a, bit);
                });
            }
        } else {
            long a = values.read(i, 0);
            set[0] = (a & bit) != 0;
            if (operation != BT) {
                values.write(i, 0, change(operation, a, bit));
            }
        }
        cpu.carry(set[0]);
    }

    private long bitAddress(Instruction i, long number, int size, Access access) {
        boolean byRegister = Values.operand(i, 1).addressing() == trefoil.x86.isa.Addressing.G;
        long words = byRegister ? Values.signed(number, size) >> (size == 8 ? 6 : size == 4 ? 5 : 4) : 0;
        long offset = Operands.cut(operands.offset(i) + words * size, i.addressSize());
        return operands.linear(operands.segment(i), offset, size, access);
    }

    /** With 0 the destination stays as it is; of the flags only ZF is defined. */
    private void scan(Instruction i) {
        int size = Values.size(i, 0);
        long a = values.read(i, 1);
        if (a != 0) {
            values.write(i, 0, i.operation() == BSF ? Long.numberOfTrailingZeros(a) : 63 - Long.numberOfLeadingZeros(a));
        }
        flags(Values.signed(a, size), false, false);
    }

    private void flags(long result, boolean carry, boolean overflow) {
        cpu.flagResult = result;
        cpu.flagAux = Flags.of(carry, overflow);
    }

    private void count(Instruction i) {
        int size = Values.size(i, 0);
        int bits = 8 * size;
        long a = values.read(i, 1);
        long n = switch (i.operation()) {
            case TZCNT -> Math.min(bits, Long.numberOfTrailingZeros(a));
            case LZCNT -> Long.numberOfLeadingZeros(a) - (64 - bits);
            default -> Long.bitCount(a);
        };
        values.write(i, 0, n);
        if (i.operation() == POPCNT) {
            cpu.status(n == 0 ? trefoil.x86.register.Rflags.ZF : 0);
        } else {
            flags(n, a == 0, false);
        }
    }

    private void crc(Instruction i) {
        int octets = Values.size(i, 1);
        long data = values.read(i, 1);
        int crc = (int) values.read(i, 0);
        for (int n = 0; n < octets; n++) {
            crc ^= (int) (data >>> 8 * n) & 0xFF;
            for (int k = 0; k < 8; k++) {
                crc = crc >>> 1 ^ ((crc & 1) != 0 ? CASTAGNOLI_REFLECTED : 0);
            }
        }
        values.write(i, 0, crc & 0xFFFF_FFFFL);
    }

    /** BMI1 and BMI2. */
    private void manipulate(Instruction i) {
        if (!cpu.mode.hasDescriptors()) {
            throw cpu.ud();
        }
        int size = Values.size(i, 0);
        long mask = Values.mask(size);
        long a = values.read(i, 1);
        switch (i.operation()) {
            case ANDN -> write(i, ~a & values.read(i, 2) & mask, false);
            case BLSI -> write(i, a & -a, a != 0);
            case BLSMSK -> write(i, (a ^ a - 1) & mask, a == 0);
            case BLSR -> write(i, a & a - 1, a == 0);
            case BEXTR -> write(i, extract(a, values.read(i, 2)), false);
            case BZHI -> {
                int n = (int) values.read(i, 2) & 0xFF;
                write(i, n >= 8 * size ? a : a & (1L << n) - 1, n >= 8 * size);
            }
            case PDEP -> values.write(i, 0, Long.expand(a, values.read(i, 2)));
            case PEXT -> values.write(i, 0, Long.compress(a, values.read(i, 2)));
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private static long extract(long a, long control) {
        int start = (int) control & 0xFF;
        int length = (int) (control >>> 8) & 0xFF;
        long shifted = start > 63 ? 0 : a >>> start;
        return length > 63 ? shifted : shifted & (1L << length) - 1;
    }

    private void write(Instruction i, long value, boolean carry) {
        values.write(i, 0, value);
        flags(Values.signed(value, Values.size(i, 0)), carry, false);
    }
}
