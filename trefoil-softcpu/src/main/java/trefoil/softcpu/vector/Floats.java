package trefoil.softcpu.vector;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.fp.Format;
import trefoil.softcpu.fp.Arithmetic.Order;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.Rflags;

/** Floating-point arithmetic and comparison, packed and scalar (Intel SDM Vol. 1, 5.5.1.2, 5.5.1.3, 5.6.1.2, 5.6.1.3, 5.7, 5.10.3 to 5.10.6). */
public final class Floats implements Family {

    /** Width in bits, whether it is scalar, and for the four sums which one. */
    private record Shape(Format format, boolean scalar, FloatUnit.Sum sum) {}

    private static final Map<Operation, Shape> SHAPES = shapes();

    private final Cpu cpu;
    private final Vectors v;
    private final FloatUnit unit;
    private final long[] x = new long[4];
    private final long[] y = new long[4];
    private final long[] r = new long[4];

    public Floats(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.v = new Vectors(cpu, mmu, operands);
        this.unit = new FloatUnit(cpu);
    }

    private static Map<Operation, Shape> shapes() {
        Map<Operation, Shape> all = new EnumMap<>(Operation.class);
        four(all, FloatUnit.Sum.ADD, ADDPS, ADDPD, ADDSS, ADDSD);
        four(all, FloatUnit.Sum.SUBTRACT, SUBPS, SUBPD, SUBSS, SUBSD);
        four(all, FloatUnit.Sum.MULTIPLY, MULPS, MULPD, MULSS, MULSD);
        four(all, FloatUnit.Sum.DIVIDE, DIVPS, DIVPD, DIVSS, DIVSD);
        four(all, null, MINPS, MINPD, MINSS, MINSD);
        four(all, null, MAXPS, MAXPD, MAXSS, MAXSD);
        four(all, null, SQRTPS, SQRTPD, SQRTSS, SQRTSD);
        four(all, null, CMPPS, CMPPD, CMPSS, CMPSD);
        four(all, null, ROUNDPS, ROUNDPD, ROUNDSS, ROUNDSD);
        four(all, null, HADDPS, HADDPD, COMISS, COMISD);
        four(all, null, HSUBPS, HSUBPD, UCOMISS, UCOMISD);
        four(all, null, ADDSUBPS, ADDSUBPD, RCPSS, null);
        four(all, null, DPPS, DPPD, RSQRTSS, null);
        four(all, null, RCPPS, null, null, null);
        four(all, null, RSQRTPS, null, null, null);
        return all;
    }

    private static void four(Map<Operation, Shape> all, FloatUnit.Sum sum, Operation... operations) {
        for (int n = 0; n < operations.length; n++) {
            if (operations[n] != null) {
                all.put(operations[n], new Shape((n & 1) == 0 ? Format.BINARY32 : Format.BINARY64, n >= 2, sum));
            }
        }
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.copyOf(SHAPES.keySet());
    }

    @Override
    public void execute(Instruction i) {
        v.checkSse();
        Shape shape = SHAPES.get(i.operation());
        unit.begin();
        v.read(i, 1);
        split(y, shape.format);
        v.read(i, 0);
        split(x, shape.format);
        int count = shape.scalar ? 1 : shape.format == Format.BINARY32 ? 4 : 2;
        switch (i.operation()) {
            case COMISS, COMISD, UCOMISS, UCOMISD -> {
                order(i, shape.format);
                return;
            }
            case HADDPS, HADDPD, HSUBPS, HSUBPD -> neighbours(i, shape.format, count);
            case ADDSUBPS, ADDSUBPD -> alternating(shape.format, count);
            case DPPS, DPPD -> dotProduct((int) i.immediate(), shape.format, count);
            default -> {
                for (int n = 0; n < count; n++) {
                    r[n] = element(i, shape, x[n], y[n]);
                }
            }
        }
        unit.commit();
        write(i, shape, count);
    }

    private void split(long[] into, Format format) {
        if (format == Format.BINARY64) {
            into[0] = v.low;
            into[1] = v.high;
        } else {
            into[0] = v.low & 0xFFFF_FFFFL;
            into[1] = v.low >>> 32;
            into[2] = v.high & 0xFFFF_FFFFL;
            into[3] = v.high >>> 32;
        }
    }

    /** A scalar result leaves the destination's other elements. */
    private void write(Instruction i, Shape shape, int count) {
        System.arraycopy(r, 0, x, 0, count);
        if (shape.format == Format.BINARY64) {
            cpu.xmm(i.reg(), x[0], x[1]);
        } else {
            cpu.xmm(i.reg(), x[0] & 0xFFFF_FFFFL | x[1] << 32, x[2] & 0xFFFF_FFFFL | x[3] << 32);
        }
    }

    private long element(Instruction i, Shape shape, long a, long b) {
        Format format = shape.format;
        if (shape.sum != null) {
            return unit.compute(shape.sum, format, a, b);
        }
        return switch (i.operation()) {
            case MINPS, MINPD, MINSS, MINSD -> unit.extreme(format, a, b, true);
            case MAXPS, MAXPD, MAXSS, MAXSD -> unit.extreme(format, a, b, false);
            case SQRTPS, SQRTPD, SQRTSS, SQRTSD -> unit.squareRoot(format, b);
            case CMPPS, CMPPD, CMPSS, CMPSD -> compared((int) i.immediate() & 7, format, a, b);
            case ROUNDPS, ROUNDPD, ROUNDSS, ROUNDSD -> unit.round(format, b, (int) i.immediate());
            case RCPPS, RCPSS -> Approximations.reciprocal((int) b) & 0xFFFF_FFFFL;
            case RSQRTPS, RSQRTSS -> Approximations.reciprocalRoot((int) b) & 0xFFFF_FFFFL;
            default -> throw new IllegalStateException(i.row().toString());
        };
    }

    /** EQ LT LE UNORD and their contraries; LT and LE signal quiet NaNs too (Vol. 2, table 3-1). */
    private long compared(int predicate, Format format, long a, long b) {
        int kind = predicate & 3;
        Order order = unit.compare(format, a, b, kind == 0 || kind == 3);
        boolean holds = switch (kind) {
            case 0 -> order == Order.EQUAL;
            case 1 -> order == Order.LESS;
            case 2 -> order == Order.LESS || order == Order.EQUAL;
            default -> order == Order.UNORDERED;
        };
        return holds ^ predicate > 3 ? -1L : 0;
    }

    private void order(Instruction i, Format format) {
        boolean quiet = i.operation() == UCOMISS || i.operation() == UCOMISD;
        Order order = unit.compare(format, x[0], y[0], quiet);
        unit.commit();
        cpu.status(switch (order) {
            case UNORDERED -> Rflags.ZF | Rflags.PF | Rflags.CF;
            case LESS -> Rflags.CF;
            case EQUAL -> Rflags.ZF;
            case GREATER -> 0;
        });
    }

    private void neighbours(Instruction i, Format format, int count) {
        FloatUnit.Sum sum = i.operation() == HADDPS || i.operation() == HADDPD ? FloatUnit.Sum.ADD : FloatUnit.Sum.SUBTRACT;
        for (int n = 0; n < count; n++) {
            long[] from = n < count / 2 ? x : y;
            int at = n % (count / 2) * 2;
            r[n] = unit.compute(sum, format, from[at], from[at + 1]);
        }
    }

    private void alternating(Format format, int count) {
        for (int n = 0; n < count; n++) {
            r[n] = unit.compute((n & 1) == 0 ? FloatUnit.Sum.SUBTRACT : FloatUnit.Sum.ADD, format, x[n], y[n]);
        }
    }

    /** DPPS and DPPD: products chosen by the immediate's high bits, added in pairs, to elements chosen by its low bits. */
    private void dotProduct(int immediate, Format format, int count) {
        long[] products = new long[count];
        for (int n = 0; n < count; n++) {
            products[n] = (immediate >> 4 + n & 1) != 0 ? unit.compute(FloatUnit.Sum.MULTIPLY, format, x[n], y[n]) : 0;
        }
        // An unmasked exception of one stage keeps the next from being begun.
        unit.commit();
        long sum = unit.compute(FloatUnit.Sum.ADD, format, products[0], products[1]);
        if (count == 4) {
            long other = unit.compute(FloatUnit.Sum.ADD, format, products[2], products[3]);
            unit.commit();
            sum = unit.compute(FloatUnit.Sum.ADD, format, sum, other);
        }
        for (int n = 0; n < count; n++) {
            r[n] = (immediate >> n & 1) != 0 ? sum : 0;
        }
    }
}
