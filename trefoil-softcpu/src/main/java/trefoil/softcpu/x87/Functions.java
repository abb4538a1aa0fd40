package trefoil.softcpu.x87;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.fp.FloatStatus;
import trefoil.softcpu.fp.Real;
import trefoil.softcpu.fp.Remainder;
import trefoil.softcpu.fp.Transcendental;
import trefoil.softcpu.operand.Family;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.FloatingPointControl;

/** Functions of ST(0), and of ST(0) and ST(1) (Intel SDM Vol. 1, 8.3.5, 8.3.7, 8.3.9, 8.3.11). */
final class Functions implements Family {
    private static final Set<Operation> OPERATIONS = EnumSet.of(
            Operation.FCHS, Operation.FABS, Operation.FSQRT, Operation.FRNDINT, Operation.FSCALE, Operation.FXTRACT, Operation.FPREM, Operation.FPREM1,
            Operation.F2XM1, Operation.FYL2X, Operation.FYL2XP1, Operation.FPATAN, Operation.FPTAN, Operation.FSIN, Operation.FCOS, Operation.FSINCOS);

    private final Unit unit;
    private final Remainder remainder;
    private final Transcendental transcendental;
    private final Real second = new Real();

    Functions(Unit unit) {
        this.unit = unit;
        this.remainder = new Remainder(unit.status);
        this.transcendental = new Transcendental(unit.status);
    }

    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public void execute(Instruction i) {
        unit.begin();
        unit.commit(i);
        switch (i.operation()) {
            case FCHS -> sign(0x8000, 0xFFFF);
            case FABS -> sign(0, 0x7FFF);
            case FSQRT, FRNDINT, F2XM1 -> ofOne(i.operation());
            case FSIN, FCOS -> circular(i.operation());
            case FSCALE, FPREM, FPREM1 -> ofTwo(i.operation());
            case FYL2X, FYL2XP1, FPATAN -> ofTwoPopping(i.operation());
            case FXTRACT -> extract();
            case FSINCOS, FPTAN -> pair(i.operation());
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    private void sign(int flip, int keep) {
        if (unit.isEmpty(0)) {
            underflow(0);
        } else {
            unit.x.signExponent[unit.x.top] = (unit.x.signExponent[unit.x.top] ^ flip) & keep;
        }
    }

    /** An empty operand; whether the indefinite value stands in for the result, in ST(n). */
    private boolean underflow(int n) {
        boolean masked = unit.stackFault(false);
        if (masked) {
            unit.putIndefinite(n);
        }
        return masked;
    }

    /** Packs the result into ST(n), unless an exception has stopped the instruction. */
    private boolean finish(int n, boolean precise) {
        if (unit.status.unmasked() != 0 && unit.stopped()) {
            return false;
        }
        if (precise) {
            unit.packing.wholeExtended(unit.result);
        } else {
            unit.packing.extended(unit.result);
        }
        unit.note();
        unit.putPacked(n);
        return true;
    }

    private void ofOne(Operation operation) {
        if (unit.isEmpty(0)) {
            underflow(0);
            return;
        }
        unit.take(0, unit.a);
        switch (operation) {
            case FSQRT -> unit.arithmetic.squareRoot(unit.a, unit.result);
            case FRNDINT -> unit.conversions.toIntegral(unit.a, true, unit.result);
            default -> transcendental.exponential(unit.a, unit.result);
        }
        finish(0, operation != Operation.FSQRT);
    }

    /** Whether ST(0) is too large for the trigonometric functions: C2 then says so and nothing else happens. */
    private boolean isOutOfRange() {
        boolean out = Transcendental.isOutOfRange(unit.take(0, unit.a));
        unit.x.status |= out ? FloatingPointControl.FSW_C2 : 0;
        return out;
    }

    private void circular(Operation operation) {
        unit.x.status &= ~FloatingPointControl.FSW_C2;
        if (unit.isEmpty(0)) {
            underflow(0);
        } else if (!isOutOfRange()) {
            if (operation == Operation.FSIN) {
                transcendental.sine(unit.a, unit.result);
            } else {
                transcendental.cosine(unit.a, unit.result);
            }
            finish(0, true);
        }
    }

    private void ofTwo(Operation operation) {
        if (operation != Operation.FSCALE) {
            unit.x.status &= ~FloatingPointControl.FSW_C2;
        }
        if (unit.isEmpty(0) || unit.isEmpty(1)) {
            underflow(0);
            return;
        }
        unit.take(0, unit.a);
        unit.take(1, unit.b);
        if (operation == Operation.FSCALE) {
            remainder.scale(unit.a, unit.b, unit.result);
            finish(0, true);
            return;
        }
        remainder.of(unit.a, unit.b, operation == Operation.FPREM1, unit.result);
        if (finish(0, true) && !unit.result.isNaN()) {
            quotient();
        }
    }

    /** The lowest bits of the quotient in C0, C3, C1, or C2 if the remainder is only partial. Where there is no quotient C0 and C3 stay. */
    private void quotient() {
        int bits = remainder.complete() ? remainder.quotientBits() : 0;
        unit.conditions((remainder.complete() ? 0 : FloatingPointControl.FSW_C2) | ((bits & 4) != 0 ? FloatingPointControl.FSW_C0 : 0) | ((bits & 2) != 0 ? FloatingPointControl.FSW_C3 : 0));
        unit.x.status |= (bits & 1) != 0 ? FloatingPointControl.FSW_C1 : 0;
    }

    private void ofTwoPopping(Operation operation) {
        if (unit.isEmpty(0) || unit.isEmpty(1)) {
            if (underflow(1)) {
                unit.pop();
            }
            return;
        }
        unit.take(0, unit.a);
        unit.take(1, unit.b);
        switch (operation) {
            case FYL2X -> transcendental.logarithm(unit.a, unit.b, unit.result);
            case FYL2XP1 -> transcendental.logarithmOfOneMore(unit.a, unit.b, unit.result);
            default -> transcendental.arctangent(unit.b, unit.a, unit.result);
        }
        if (finish(1, true)) {
            unit.pop();
        }
    }

    // ---- two results ----

    /** Whether there is one operand and room for a second result; else both are indefinite if that is masked. */
    private boolean hasRoom() {
        if (!unit.isEmpty(0) && unit.isEmpty(7)) {
            return true;
        }
        if (unit.stackFault(!unit.isEmpty(0))) {
            unit.putIndefinite(0);
            unit.push(Unit.INDEFINITE_TOP, Unit.INDEFINITE);
        }
        return false;
    }

    private void extract() {
        if (!hasRoom()) {
            return;
        }
        unit.take(0, unit.a);
        remainder.exponent(unit.a, unit.result);
        remainder.significand(unit.a, second);
        if (finish(0, true)) {
            pushSecond();
        }
    }

    private void pushSecond() {
        unit.packing.wholeExtended(second);
        unit.push(unit.packing.signAndExponent(), unit.packing.significand());
    }

    private void pair(Operation operation) {
        unit.x.status &= ~FloatingPointControl.FSW_C2;
        if (!hasRoom() || isOutOfRange()) {
            return;
        }
        if (operation == Operation.FSINCOS) {
            transcendental.sine(unit.a, unit.result);
            transcendental.cosine(unit.a, second);
        } else {
            transcendental.tangent(unit.a, unit.result);
            second.set(1);
            if (unit.result.isNaN()) {
                second.set(unit.result);
            }
        }
        if (finish(0, true)) {
            pushSecond();
            unit.x.status |= unit.status.flags() & FloatStatus.ALL;
        }
    }
}
