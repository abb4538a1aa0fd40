package trefoil.softcpu.vector;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.fp.Format;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** Conversions between integers, single and double precision (Intel SDM Vol. 1, 5.5.1.6, 5.6.1.6). */
public final class FloatConversions implements Family {
    private static final Format SINGLE = Format.BINARY32;
    private static final Format DOUBLE = Format.BINARY64;
    private static final long LOW = 0xFFFF_FFFFL;

    private final Cpu cpu;
    private final Vectors v;
    private final FloatUnit unit;

    public FloatConversions(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.v = new Vectors(cpu, mmu, operands);
        this.unit = new FloatUnit(cpu);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(
                CVTPI2PS, CVTPI2PD, CVTSI2SS, CVTSI2SD, CVTTPS2PI, CVTTPD2PI, CVTTSS2SI, CVTTSD2SI, CVTPS2PI, CVTPD2PI, CVTSS2SI, CVTSD2SI, CVTPS2PD, CVTPD2PS, CVTSS2SD, CVTSD2SS, CVTDQ2PS, CVTPS2DQ, CVTTPS2DQ,
                CVTTPD2DQ, CVTDQ2PD, CVTPD2DQ);
    }

    @Override
    public void execute(Instruction i) {
        // From memory CVTPI2PD touches no MMX register (Vol. 2). Of CVTPI2PS the manual says otherwise, but the processors that were tried treat it alike.
        boolean fromMemory = !i.registerForm() && (i.operation() == CVTPI2PD || i.operation() == CVTPI2PS);
        boolean mmx = Vectors.usesMmx(i) && !fromMemory;
        if (mmx) {
            v.checkMmx();
        }
        v.checkSse();
        unit.begin();
        v.read(i, 1);
        if (mmx) {
            // Also when the conversion ends with #XM.
            v.enterMmx();
        }
        convert(i);
    }

    private void convert(Instruction i) {
        switch (i.operation()) {
            case CVTSI2SS -> scalar(i, SINGLE, unit.fromInteger(source(i), SINGLE));
            case CVTSI2SD -> scalar(i, DOUBLE, unit.fromInteger(source(i), DOUBLE));
            case CVTSS2SD -> scalar(i, DOUBLE, unit.convert(SINGLE, DOUBLE, v.low & LOW));
            case CVTSD2SS -> scalar(i, SINGLE, unit.convert(DOUBLE, SINGLE, v.low));
            case CVTSS2SI -> general(i, SINGLE, v.low & LOW, false);
            case CVTTSS2SI -> general(i, SINGLE, v.low & LOW, true);
            case CVTSD2SI -> general(i, DOUBLE, v.low, false);
            case CVTTSD2SI -> general(i, DOUBLE, v.low, true);
            case CVTPI2PS -> {
                v.low = pair(unit.fromInteger((int) v.low, SINGLE), unit.fromInteger(v.low >> 32, SINGLE));
                unit.commit();
                cpu.xmm(i.reg(), v.low, cpu.xmmHigh(i.reg()));
            }
            case CVTPI2PD, CVTDQ2PD -> write(i, unit.fromInteger((int) v.low, DOUBLE), unit.fromInteger(v.low >> 32, DOUBLE));
            case CVTPS2PD -> write(i, unit.convert(SINGLE, DOUBLE, v.low & LOW), unit.convert(SINGLE, DOUBLE, v.low >>> 32));
            case CVTPD2PS -> write(i, pair(unit.convert(DOUBLE, SINGLE, v.low), unit.convert(DOUBLE, SINGLE, v.high)), 0);
            case CVTDQ2PS -> write(
                    i,
                    pair(unit.fromInteger((int) v.low, SINGLE), unit.fromInteger(v.low >> 32, SINGLE)),
                    pair(unit.fromInteger((int) v.high, SINGLE), unit.fromInteger(v.high >> 32, SINGLE)));
            case CVTPS2DQ, CVTTPS2DQ -> write(i, singles(v.low, i.operation() == CVTTPS2DQ), singles(v.high, i.operation() == CVTTPS2DQ));
            case CVTPS2PI, CVTTPS2PI -> write(i, singles(v.low, i.operation() == CVTTPS2PI), 0);
            case CVTPD2DQ, CVTPD2PI -> write(i, doubles(false), 0);
            case CVTTPD2DQ, CVTTPD2PI -> write(i, doubles(true), 0);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    /** The integer operand, extended by its sign. */
    private long source(Instruction i) {
        return i.operandSize() == 8 ? v.low : (int) v.low;
    }

    private static long pair(long first, long second) {
        return first & LOW | second << 32;
    }

    private long singles(long two, boolean truncate) {
        return pair(unit.toInteger(SINGLE, two & LOW, 32, truncate), unit.toInteger(SINGLE, two >>> 32, 32, truncate));
    }

    private long doubles(boolean truncate) {
        return pair(unit.toInteger(DOUBLE, v.low, 32, truncate), unit.toInteger(DOUBLE, v.high, 32, truncate));
    }

    private void write(Instruction i, long low, long high) {
        unit.commit();
        v.write(i, 0, low, high);
    }

    private void scalar(Instruction i, Format format, long value) {
        unit.commit();
        long kept = cpu.xmmLow(i.reg());
        cpu.xmm(i.reg(), format == DOUBLE ? value : kept & ~LOW | value & LOW, cpu.xmmHigh(i.reg()));
    }

    private void general(Instruction i, Format format, long value, boolean truncate) {
        int size = i.operandSize() == 8 ? 8 : 4;
        long integer = unit.toInteger(format, value, 8 * size, truncate);
        unit.commit();
        cpu.write(8 * i.reg(), size, integer);
    }
}
