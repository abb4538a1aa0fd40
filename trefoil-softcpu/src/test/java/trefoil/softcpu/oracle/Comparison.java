package trefoil.softcpu.oracle;

import java.util.Arrays;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.FlagEffect;
import trefoil.x86.isa.Operand;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;
import trefoil.x86.register.FloatingPointControl;
import trefoil.x86.register.Rflags;

/** What differs between two outcomes of one case, as far as the manual defines the outcome. */
final class Comparison {
    private static final int COMPARED_FLAGS = Rflags.STATUS | Rflags.DF | Rflags.TF | Rflags.AC | Rflags.NT;
    /** Transcendental functions may be off by so many units in the last place (Intel SDM Vol. 1, 8.3.10: one; two models off in two directions). */
    private static final long ULPS = 2;

    /** Relative error of RCPPS and RSQRTPS (Vol. 2): 1.5 * 2^-12. */
    private static final float APPROXIMATE = 1.5f / 4096;

    private static final int C1 = 1 << 9;

    private Comparison() {}

    /** Names of what differs, or the empty string. */
    static String differences(Instruction i, State before, State expected, State got) {
        StringBuilder found = new StringBuilder();
        if (isRefusedByIntelAlone(i, expected.vector, got.vector)) {
            return "";
        }
        if (expected.vector != got.vector && !areOfOneClass(i, expected.vector, got.vector)) {
            return "vector %d, got %d".formatted(expected.vector, got.vector);
        }
        if (isUndefined(i, before) || isDenormalLoad(i, expected)) {
            return "";
        }
        for (int n = 0; n < 16; n++) {
            note(found, "general " + n, expected.general[n], got.general[n]);
        }
        long flags = COMPARED_FLAGS & ~(isInvalidComparison(i, expected) ? Rflags.STATUS : undefinedFlags(i, before));
        note(found, "flags", expected.flags & flags, got.flags & flags);
        note(found, "taken", expected.taken ? 1 : 0, got.taken ? 1 : 0);
        vectors(found, isApproximation(i.operation()), expected, got);
        x87(found, i, before, expected, got);
        int at = Arrays.mismatch(expected.memory, got.memory);
        if (at >= 0) {
            int quad = at & -8;
            note(found, "memory " + Long.toHexString(State.MEMORY + quad), State.quad(quad, expected.memory), State.quad(quad, got.memory));
        }
        return found.toString();
    }

    private static void note(StringBuilder found, String what, long expected, long got) {
        if (expected != got) {
            found.append("%s %x, got %x; ".formatted(what, expected, got));
        }
    }

    private static void vectors(StringBuilder found, boolean loose, State expected, State got) {
        note(found, "mxcsr", expected.word(State.FX_MXCSR), got.word(State.FX_MXCSR));
        for (int n = 0; n < 32; n++) {
            long a = expected.quad(State.FX_XMM + 8 * n);
            long b = got.quad(State.FX_XMM + 8 * n);
            boolean same = a == b || loose && isNear((int) a, (int) b) && isNear((int) (a >> 32), (int) (b >> 32));
            note(found, "xmm " + n / 2 + (n % 2 == 0 ? " low" : " high"), a, same ? a : b);
        }
    }

    private static void x87(StringBuilder found, Instruction i, State before, State expected, State got) {
        boolean loose = isTranscendental(i.operation());
        int status = (loose ? ~C1 : -1) & ~(isExact(i, before) ? FloatingPointControl.PE | FloatingPointControl.FSW_ES | FloatingPointControl.FSW_B : 0);
        note(found, "fcw", expected.half(State.FX_CONTROL), got.half(State.FX_CONTROL));
        note(found, "fsw", expected.half(State.FX_STATUS) & status, got.half(State.FX_STATUS) & status);
        note(found, "ftw", expected.fx[State.FX_TAGS] & 0xFF, got.fx[State.FX_TAGS] & 0xFF);
        for (int n = 0; n < 8; n++) {
            long a = expected.quad(State.stack(n));
            long b = got.quad(State.stack(n));
            boolean near = loose && Math.abs(a - b) <= ULPS;
            int top = expected.half(State.stack(n) + 8);
            int other = got.half(State.stack(n) + 8);
            boolean across = loose && (top - other == 1 && isAcross(a, b) || other - top == 1 && isAcross(b, a));
            note(found, "st " + n, a, near || across ? a : b);
            note(found, "st " + n + " sign and exponent", top, across ? top : other);
        }
    }

    /** Whether a significand is the least one or almost, and another, of the exponent below, the greatest or almost. */
    private static boolean isAcross(long least, long greatest) {
        return least - Long.MIN_VALUE >= 0 && least - Long.MIN_VALUE <= ULPS && greatest < 0 && ~greatest <= ULPS;
    }

    /** Of powers of 2, F2XM1 (of 1) and FYL2X may be exact: #P is then not due (Intel SDM Vol. 2, F2XM1 and FYL2X, "value cannot be represented exactly"), but AMD's processors note it (AMD64 APM Vol. 5, F2XM1 and FYL2X, "precision exception"). */
    private static boolean isExact(Instruction i, State before) {
        boolean maybe = i.operation() == Operation.F2XM1 || i.operation() == Operation.FYL2X;
        return maybe && before.quad(State.stack(0)) == Long.MIN_VALUE;
    }

    private static boolean isApproximation(Operation operation) {
        return switch (operation) {
            case RCPPS, RCPSS, RSQRTPS, RSQRTSS -> true;
            default -> false;
        };
    }

    /** Two numbers that are both within the allowed error of a third, or that both may be flushed to 0; anything else is the same bit by bit. */
    private static boolean isNear(int a, int b) {
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        return a == b || Float.isFinite(x) && Float.isFinite(y) && (a ^ b) >= 0 && Math.abs(x - y) <= Math.max(2 * APPROXIMATE * Math.abs(x), 2 * Float.MIN_NORMAL);
    }

    private static boolean isTranscendental(Operation operation) {
        return switch (operation) {
            case F2XM1, FYL2X, FYL2XP1, FPTAN, FPATAN, FSIN, FCOS, FSINCOS -> true;
            default -> false;
        };
    }

    // ---- what the manual leaves open ----

    /** The order of faults of one class is the model's own (Vol. 3, table 6-2): of an operand that is not aligned, and at no address that can be reached. */
    private static boolean areOfOneClass(Instruction i, int a, int b) {
        return i.rm() == Instruction.NONE && i.row().alignment(16) > 1 && ofAccess(a) && ofAccess(b);
    }

    /** An operand of SHA in memory that is not aligned: #GP (Intel SDM Vol. 2, SHA1MSG1, exceptions type 4); the AMD processors that were tried take it. */
    private static boolean isRefusedByIntelAlone(Instruction i, int expected, int got) {
        return i.rm() == Instruction.NONE && i.row().feature() == CpuFeature.SHA && expected < 0 && got == Vector.GP.number();
    }

    private static boolean ofAccess(int vector) {
        return vector == Vector.SS.number() || vector == Vector.GP.number() || vector == Vector.PF.number();
    }

    /** SHLD and SHRD by more than the operand's size (Vol. 2, SHLD), BSWAP of 16 bits (BSWAP). */
    private static boolean isUndefined(Instruction i, State before) {
        return switch (i.operation()) {
            case SHLD, SHRD -> i.operandSize() == 2 && count(i, before) > 16;
            case BSWAP -> i.operandSize() == 2;
            default -> false;
        };
    }

    /** FLD of a denormal while that exception is not masked: the stack stays (Intel SDM Vol. 1, 8.5.2); processors of AMD push the number nevertheless (AMD64 APM Vol. 5, FLD). */
    private static boolean isDenormalLoad(Instruction i, State expected) {
        boolean loads = i.operation() == Operation.FLD && i.rm() == Instruction.NONE;
        return loads && (expected.half(State.FX_STATUS) & ~expected.half(State.FX_CONTROL) & FloatingPointControl.DE) != 0;
    }

    /** An invalid operation that is not masked leaves the flags of FCOMI and its like alone (Intel SDM Vol. 2, FCOMI/FCOMIP/FUCOMI/FUCOMIP); processors of AMD set them (AMD64 APM Vol. 5, FCOMI). */
    private static boolean isInvalidComparison(Instruction i, State expected) {
        boolean compares = switch (i.operation()) {
            case FCOMI, FCOMIP, FUCOMI, FUCOMIP -> true;
            default -> false;
        };
        return compares && (expected.half(State.FX_STATUS) & ~expected.half(State.FX_CONTROL) & FloatingPointControl.IE) != 0;
    }

    private static int undefinedFlags(Instruction i, State before) {
        FlagEffect effect = i.row().flags();
        int undefined = effect.undefined();
        if (effect.conditional() == 0) {
            return undefined;
        }
        int count = count(i, before);
        if (count == 0) {
            return undefined & ~effect.conditional();
        }
        undefined |= count > 1 ? effect.single() : 0;
        boolean shift = i.operation() == Operation.SHL || i.operation() == Operation.SHR;
        return shift && count >= 8 * size(i) ? undefined | Rflags.CF : undefined;
    }

    private static int size(Instruction i) {
        Operand first = i.row().operands().getFirst();
        return first.registerType().size(i.operandSize(), 16);
    }

    /** The count of a shift or rotate, masked (Vol. 2, SAL/SAR/SHL/SHR). */
    private static int count(Instruction i, State before) {
        Row row = i.row();
        Operand last = row.operands().getLast();
        long count = last.addressing() == Addressing.I ? i.immediate() : last.addressing() == Addressing.GPR ? before.general[1] : 1;
        return (int) count & (size(i) == 8 ? 63 : 31);
    }
}
