package trefoil.softcpu.integer;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.Rflags;

/** Multiplication, division, and decimal adjustment (Intel SDM Vol. 1, 5.1.2 and 5.1.3). A product sets CF and OF and leaves the other flags. */
public final class MultiplyDivide implements Family {
    private final Cpu cpu;
    private final Values values;

    public MultiplyDivide(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.values = new Values(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(MUL, IMUL, DIV, IDIV, MULX, DAA, DAS, AAA, AAS, AAM, AAD);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case MUL -> multiplyUnsigned(i);
            case IMUL -> multiplySigned(i);
            case DIV -> divideUnsigned(i);
            case IDIV -> divideSigned(i);
            case MULX -> multiplyWithoutFlags(i);
            case DAA -> daa();
            case DAS -> das();
            case AAA -> aaa();
            case AAS -> aas();
            case AAM -> aam(i);
            case AAD -> aad(i);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private void overflow(boolean set) {
        cpu.flagAux = Flags.with(cpu.flagAux, set, set);
    }

    /** Puts a product or dividend of twice {@code size} octets into AX, DX:AX, EDX:EAX or RDX:RAX. */
    private void pair(long low, long high, int size) {
        if (size == 1) {
            cpu.write(Block.RAX, 1, low);
            cpu.write(Block.RAX + 1, 1, high);
        } else {
            cpu.write(Block.RAX, size, low);
            cpu.write(Block.RDX, size, high);
        }
    }

    private void multiplyUnsigned(Instruction i) {
        int size = Values.size(i, 0);
        long a = cpu.read(Block.RAX, size);
        long b = values.read(i, 0);
        long low = a * b;
        long high = size == 8 ? Math.unsignedMultiplyHigh(a, b) : low >>> 8 * size;
        pair(low, high, size);
        overflow((high & Values.mask(size)) != 0);
    }

    private void multiplySigned(Instruction i) {
        int size = Values.size(i, 0);
        int count = i.row().operands().size();
        long a = Values.signed(count == 1 ? cpu.read(Block.RAX, size) : values.read(i, count == 2 ? 0 : 2), size);
        long b = Values.signed(values.read(i, count == 1 ? 0 : 1), size);
        long low = a * b;
        long high = size == 8 ? Math.multiplyHigh(a, b) : low >> 8 * size;
        if (count == 1) {
            pair(low, high, size);
        } else {
            values.write(i, 0, low);
        }
        overflow(size == 8 ? high != low >> 63 : Values.signed(low, size) != low);
    }

    private void multiplyWithoutFlags(Instruction i) {
        if (!cpu.mode.hasDescriptors()) {
            throw cpu.ud();
        }
        int size = Values.size(i, 0);
        long a = cpu.read(Block.RDX, size);
        long b = values.read(i, 2);
        long low = a * b;
        values.write(i, 1, low);
        values.write(i, 0, size == 8 ? Math.unsignedMultiplyHigh(a, b) : low >>> 32);
    }

    private void divideUnsigned(Instruction i) {
        int size = Values.size(i, 0);
        long divisor = values.read(i, 0);
        long low = cpu.read(Block.RAX, size);
        long high = size == 1 ? cpu.read(Block.RAX + 1, 1) : cpu.read(Block.RDX, size);
        if (Long.compareUnsigned(high, divisor) >= 0) {
            throw cpu.fault(Vector.DE);
        }
        if (size == 8) {
            long quotient = quotient(high, low, divisor);
            pair(quotient, low - quotient * divisor, 8);
        } else {
            long dividend = high << 8 * size | low;
            pair(Long.divideUnsigned(dividend, divisor), Long.remainderUnsigned(dividend, divisor), size);
        }
    }

    private void divideSigned(Instruction i) {
        int size = Values.size(i, 0);
        long divisor = Values.signed(values.read(i, 0), size);
        if (divisor == 0) {
            throw cpu.fault(Vector.DE);
        }
        long low = cpu.read(Block.RAX, size);
        long high = Values.signed(size == 1 ? cpu.read(Block.RAX + 1, 1) : cpu.read(Block.RDX, size), size);
        if (size < 8) {
            long dividend = high << 8 * size | low;
            long quotient = dividend / divisor;
            if (Values.signed(quotient, size) != quotient || divisor == -1 && dividend == Long.MIN_VALUE) {
                throw cpu.fault(Vector.DE);
            }
            pair(quotient, dividend % divisor, size);
            return;
        }
        boolean negative = high < 0;
        long magnitudeLow = negative ? -low : low;
        long magnitudeHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
        long by = Math.abs(divisor);
        if (Long.compareUnsigned(magnitudeHigh, by) >= 0) {
            throw cpu.fault(Vector.DE);
        }
        long magnitude = quotient(magnitudeHigh, magnitudeLow, by);
        boolean opposite = negative != divisor < 0;
        if (magnitude < 0 && !(opposite && magnitude == Long.MIN_VALUE)) {
            throw cpu.fault(Vector.DE);
        }
        long remainder = magnitudeLow - magnitude * by;
        pair(opposite ? -magnitude : magnitude, negative ? -remainder : remainder, 8);
    }

    /** {@code high:low / divisor}, unsigned, where {@code high < divisor}: schoolbook division by digits of 32 bits. */
    static long quotient(long high, long low, long divisor) {
        if (high == 0) {
            return Long.divideUnsigned(low, divisor);
        }
        int shift = Long.numberOfLeadingZeros(divisor);
        long d = divisor << shift;
        long top = shift == 0 ? high : high << shift | low >>> 64 - shift;
        long bottom = low << shift;
        long first = digit(top, bottom >>> 32, d);
        long rest = (top << 32 | bottom >>> 32) - first * d;
        long second = digit(rest, bottom & 0xFFFF_FFFFL, d);
        return first << 32 | second & 0xFFFF_FFFFL;
    }

    /** One digit of the quotient: {@code (top * 2^32 + next) / d}, where {@code top < d} and the highest bit of {@code d} is set. */
    private static long digit(long top, long next, long d) {
        long dHigh = d >>> 32;
        long dLow = d & 0xFFFF_FFFFL;
        long q = Long.divideUnsigned(top, dHigh);
        long r = top - q * dHigh;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * dLow, r << 32 | next) > 0) {
            q--;
            r += dHigh;
            if (r >>> 32 != 0) {
                break;
            }
        }
        return q;
    }

    // ---- decimal (Vol. 2, the instructions' pages) ----

    private void decimal(long al, boolean carry, boolean adjust) {
        cpu.write(Block.RAX, 1, al);
        cpu.flagResult = (byte) al;
        cpu.flagAux = Flags.of(carry, false) | (adjust ? 8 : 0);
    }

    private void daa() {
        long al = cpu.read(Block.RAX, 1);
        boolean adjust = (al & 15) > 9 || (cpu.status() & Rflags.AF) != 0;
        boolean carry = al > 0x99 || cpu.carry();
        decimal(al + (adjust ? 6 : 0) + (carry ? 0x60 : 0), carry, adjust);
    }

    private void das() {
        long al = cpu.read(Block.RAX, 1);
        boolean adjust = (al & 15) > 9 || (cpu.status() & Rflags.AF) != 0;
        boolean high = al > 0x99 || cpu.carry();
        boolean borrowed = adjust && al < 6;
        decimal(al - (adjust ? 6 : 0) - (high ? 0x60 : 0), high || borrowed, adjust);
    }

    private void aaa() {
        boolean adjust = (cpu.read(Block.RAX, 1) & 15) > 9 || (cpu.status() & Rflags.AF) != 0;
        adjusted(adjust ? cpu.read(Block.RAX, 2) + 0x106 : cpu.read(Block.RAX, 2), adjust);
    }

    private void aas() {
        boolean adjust = (cpu.read(Block.RAX, 1) & 15) > 9 || (cpu.status() & Rflags.AF) != 0;
        adjusted(adjust ? cpu.read(Block.RAX, 2) - 0x106 : cpu.read(Block.RAX, 2), adjust);
    }

    private void adjusted(long ax, boolean adjust) {
        cpu.write(Block.RAX, 2, ax & 0xFF0F);
        cpu.flagResult = (byte) (ax & 0xF);
        cpu.flagAux = Flags.of(adjust, false) | (adjust ? 8 : 0);
    }

    private void aam(Instruction i) {
        long base = values.read(i, 0);
        if (base == 0) {
            throw cpu.fault(Vector.DE);
        }
        long al = cpu.read(Block.RAX, 1);
        cpu.write(Block.RAX, 2, al / base << 8 | al % base);
        cpu.flagResult = (byte) (al % base);
        cpu.flagAux = 0;
    }

    private void aad(Instruction i) {
        long al = cpu.read(Block.RAX, 1) + cpu.read(Block.RAX + 1, 1) * values.read(i, 0) & 0xFF;
        cpu.write(Block.RAX, 2, al);
        cpu.flagResult = (byte) al;
        cpu.flagAux = 0;
    }
}
