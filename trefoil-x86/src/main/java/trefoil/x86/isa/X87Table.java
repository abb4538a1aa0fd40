package trefoil.x86.isa;

import static trefoil.x86.isa.Mark.*;
import static trefoil.x86.isa.Operation.*;

import java.util.List;
import trefoil.x86.cpuid.CpuFeature;

/** Opcodes D8 to DF (Intel SDM Vol. 2, tables ). Aliases of the 8087 that processors still take are marked. */
final class X87Table {
    private static final List<Operation> REAL = List.of(FADD, FMUL, FCOM, FCOMP, FSUB, FSUBR, FDIV, FDIVR);
    private static final List<Operation> INTEGER = List.of(FIADD, FIMUL, FICOM, FICOMP, FISUB, FISUBR, FIDIV, FIDIVR);

    private X87Table() {}

    static void define(Rows t) {
        t.map(OpcodeMap.ONE_BYTE);
        t.feature(CpuFeature.FPU);
        arithmetic(t);
        transfers(t);
        controls(t);
        registers(t);
        constantsAndFunctions(t);
        aliases(t);
    }

    private static void arithmetic(Rows t) {
        for (int i = 0; i < 8; i++) {
            Mark digit = digit(i);
            t.row(0xD8, REAL.get(i), "Mss", MEM, digit, RO);
            t.row(0xDC, REAL.get(i), "Msd", MEM, digit, RO);
            t.row(0xDA, INTEGER.get(i), "Md", MEM, digit);
            t.row(0xDE, INTEGER.get(i), "Mw", MEM, digit);
            boolean compares = i == 2 || i == 3;
            t.row(0xD8, REAL.get(i), compares ? "STi" : "ST0,STi", REG, digit);
        }
        t.row(0xDC, FADD, "STi,ST0", REG, R0);
        t.row(0xDC, FMUL, "STi,ST0", REG, R1);
        t.row(0xDC, FSUBR, "STi,ST0", REG, R4);
        t.row(0xDC, FSUB, "STi,ST0", REG, R5);
        t.row(0xDC, FDIVR, "STi,ST0", REG, R6);
        t.row(0xDC, FDIV, "STi,ST0", REG, R7);
        t.row(0xDE, FADDP, "STi,ST0", REG, R0);
        t.row(0xDE, FMULP, "STi,ST0", REG, R1);
        t.row(0xDE, FCOMPP, "", REG, R3, M1);
        t.row(0xDE, FSUBRP, "STi,ST0", REG, R4);
        t.row(0xDE, FSUBP, "STi,ST0", REG, R5);
        t.row(0xDE, FDIVRP, "STi,ST0", REG, R6);
        t.row(0xDE, FDIVP, "STi,ST0", REG, R7);
    }

    private static void transfers(Rows t) {
        t.row(0xD9, FLD, "Mss", MEM, R0);
        t.row(0xD9, FST, "Mss", MEM, R2);
        t.row(0xD9, FSTP, "Mss", MEM, R3);
        t.row(0xDD, FLD, "Msd", MEM, R0);
        t.row(0xDD, FST, "Msd", MEM, R2);
        t.row(0xDD, FSTP, "Msd", MEM, R3);
        t.row(0xDB, FLD, "Mt", MEM, R5);
        t.row(0xDB, FSTP, "Mt", MEM, R7);
        t.row(0xDB, FILD, "Md", MEM, R0);
        t.row(0xDB, FIST, "Md", MEM, R2);
        t.row(0xDB, FISTP, "Md", MEM, R3);
        t.row(0xDF, FILD, "Mw", MEM, R0);
        t.row(0xDF, FIST, "Mw", MEM, R2);
        t.row(0xDF, FISTP, "Mw", MEM, R3);
        t.row(0xDF, FBLD, "Mt", MEM, R4);
        t.row(0xDF, FILD, "Mq", MEM, R5);
        t.row(0xDF, FBSTP, "Mt", MEM, R6);
        t.row(0xDF, FISTP, "Mq", MEM, R7);
        t.feature(CpuFeature.SSE3);
        t.row(0xDB, FISTTP, "Md", MEM, R1);
        t.row(0xDD, FISTTP, "Mq", MEM, R1);
        t.row(0xDF, FISTTP, "Mw", MEM, R1);
        t.feature(CpuFeature.FPU);
    }

    private static void controls(Rows t) {
        t.row(0xD9, FLDENV, "Menv", MEM, R4);
        t.row(0xD9, FLDCW, "Mw", MEM, R5);
        t.row(0xD9, FNSTENV, "Menv", MEM, R6);
        t.row(0xD9, FNSTCW, "Mw", MEM, R7);
        t.row(0xDD, FRSTOR, "Mstate", MEM, R4);
        t.row(0xDD, FNSAVE, "Mstate", MEM, R6);
        t.row(0xDD, FNSTSW, "Mw", MEM, R7);
        t.row(0xDF, FNSTSW, "AX", REG, R4, M0);
        t.row(0xDB, FNCLEX, "", REG, R4, M2);
        t.row(0xDB, FNINIT, "", REG, R4, M3);
        t.row(0xD9, FNOP, "", REG, R2, M0);
    }

    private static void registers(Rows t) {
        t.row(0xD9, FLD, "STi", REG, R0);
        t.row(0xD9, FXCH, "STi", REG, R1);
        t.row(0xDD, FFREE, "STi", REG, R0);
        t.row(0xDD, FST, "STi", REG, R2);
        t.row(0xDD, FSTP, "STi", REG, R3);
        t.row(0xDD, FUCOM, "STi", REG, R4);
        t.row(0xDD, FUCOMP, "STi", REG, R5);
        t.row(0xDA, FUCOMPP, "", REG, R5, M1);
        t.feature(CpuFeature.CMOV);
        t.row(0xDA, FCMOVB, "ST0,STi", REG, R0);
        t.row(0xDA, FCMOVE, "ST0,STi", REG, R1);
        t.row(0xDA, FCMOVBE, "ST0,STi", REG, R2);
        t.row(0xDA, FCMOVU, "ST0,STi", REG, R3);
        t.row(0xDB, FCMOVNB, "ST0,STi", REG, R0);
        t.row(0xDB, FCMOVNE, "ST0,STi", REG, R1);
        t.row(0xDB, FCMOVNBE, "ST0,STi", REG, R2);
        t.row(0xDB, FCMOVNU, "ST0,STi", REG, R3);
        t.row(0xDB, FUCOMI, "ST0,STi", REG, R5);
        t.row(0xDB, FCOMI, "ST0,STi", REG, R6);
        t.row(0xDF, FUCOMIP, "ST0,STi", REG, R5);
        t.row(0xDF, FCOMIP, "ST0,STi", REG, R6);
        t.feature(CpuFeature.FPU);
    }

    private static void constantsAndFunctions(Rows t) {
        eight(t, R4, List.of(FCHS, FABS, NOP, NOP, FTST, FXAM));
        eight(t, R5, List.of(FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ));
        eight(t, R6, List.of(F2XM1, FYL2X, FPTAN, FPATAN, FXTRACT, FPREM1, FDECSTP, FINCSTP));
        eight(t, R7, List.of(FPREM, FYL2XP1, FSQRT, FSINCOS, FRNDINT, FSCALE, FSIN, FCOS));
    }

    private static void aliases(Rows t) {
        t.row(0xDC, FCOM, "STi", REG, R2, ALIAS);
        t.row(0xDC, FCOMP, "STi", REG, R3, ALIAS);
        t.row(0xDE, FCOMP, "STi", REG, R2, ALIAS);
        t.row(0xDD, FXCH, "STi", REG, R1, ALIAS);
        t.row(0xDF, FXCH, "STi", REG, R1, ALIAS);
        t.row(0xD9, FSTP, "STi", REG, R3, ALIAS);
        t.row(0xDF, FSTP, "STi", REG, R2, ALIAS);
        t.row(0xDF, FSTP, "STi", REG, R3, ALIAS);
        t.row(0xDF, FFREEP, "STi", REG, R0, ALIAS);
        t.row(0xDB, FNENI, "", REG, R4, M0, ALIAS);
        t.row(0xDB, FNDISI, "", REG, R4, M1, ALIAS);
        t.row(0xDB, FNSETPM, "", REG, R4, M4, ALIAS);
    }

    /** D9 with ModRM.rm 0 to 7; NOP where there is none. */
    private static void eight(Rows t, Mark reg, List<Operation> operations) {
        for (int i = 0; i < operations.size(); i++) {
            if (operations.get(i) != NOP) {
                t.row(0xD9, operations.get(i), "", REG, reg, Mark.values()[M0.ordinal() + i]);
            }
        }
    }

    private static Mark digit(int reg) {
        return Mark.values()[R0.ordinal() + reg];
    }
}
