package trefoil.x86.isa;

import static trefoil.x86.isa.Mark.*;
import static trefoil.x86.isa.Operation.*;

import java.util.List;
import trefoil.x86.cpuid.CpuFeature;

/** The one-octet opcodes (Intel SDM Vol. 2, table A-2, and groups 1 to 5 and 11 of table A-6). */
final class OneByteTable {
    private static final List<Operation> BINARY = List.of(ADD, OR, ADC, SBB, AND, SUB, XOR, CMP);
    private static final List<Operation> SHIFTS = List.of(ROL, ROR, RCL, RCR, SHL, SHR, NOP, SAR);

    private OneByteTable() {}

    static void define(Rows t) {
        t.map(OpcodeMap.ONE_BYTE);
        t.feature(CpuFeature.BASELINE);
        binary(t);
        groups(t);
        transfer(t);
        stack(t);
        control(t);
        stringsAndPorts(t);
        flagsAndDecimal(t);
    }

    private static void binary(Rows t) {
        for (int i = 0; i < 8; i++) {
            Operation operation = BINARY.get(i);
            Mark[] locked = operation == CMP ? new Mark[0] : new Mark[] {LOCK};
            t.row(i << 3, operation, "Eb,Gb", locked);
            t.row(i << 3 | 1, operation, "Ev,Gv", locked);
            t.row(i << 3 | 2, operation, "Gb,Eb");
            t.row(i << 3 | 3, operation, "Gv,Ev");
            t.row(i << 3 | 4, operation, "AL,Ib");
            t.row(i << 3 | 5, operation, "rAX,Iz");
            t.row(0x80, operation, "Eb,Ib", with(Mark.values()[R0.ordinal() + i], locked));
            t.row(0x81, operation, "Ev,Iz", with(Mark.values()[R0.ordinal() + i], locked));
            t.row(0x82, operation, "Eb,Ib", with(I64, with(Mark.values()[R0.ordinal() + i], locked)));
            t.row(0x83, operation, "Ev,sIb", with(Mark.values()[R0.ordinal() + i], locked));
        }
        t.row(0x84, TEST, "Eb,Gb");
        t.row(0x85, TEST, "Ev,Gv");
        t.row(0xA8, TEST, "AL,Ib");
        t.row(0xA9, TEST, "rAX,Iz");
        t.row(0x40, INC, "Zv", I64);
        t.row(0x48, DEC, "Zv", I64);
        t.row(0x69, IMUL, "Gv,Ev,Iz", WO);
        t.row(0x6B, IMUL, "Gv,Ev,sIb", WO);
        t.row(0x98, CBW, "");
        t.row(0x99, CWD, "");
    }

    private static void groups(Rows t) {
        t.group(0xC0, "Eb,Ib", SHIFTS);
        t.group(0xC1, "Ev,Ib", SHIFTS);
        t.group(0xD0, "Eb,1", SHIFTS);
        t.group(0xD1, "Ev,1", SHIFTS);
        t.group(0xD2, "Eb,CL", SHIFTS);
        t.group(0xD3, "Ev,CL", SHIFTS);
        t.row(0xC0, SHL, "Eb,Ib", R6, ALIAS);
        t.row(0xC1, SHL, "Ev,Ib", R6, ALIAS);
        t.row(0xD0, SHL, "Eb,1", R6, ALIAS);
        t.row(0xD1, SHL, "Ev,1", R6, ALIAS);
        t.row(0xD2, SHL, "Eb,CL", R6, ALIAS);
        t.row(0xD3, SHL, "Ev,CL", R6, ALIAS);
        t.row(0xF6, TEST, "Eb,Ib", R0);
        t.row(0xF6, TEST, "Eb,Ib", R1, ALIAS);
        t.row(0xF6, NOT, "Eb", R2, LOCK);
        t.row(0xF6, NEG, "Eb", R3, LOCK);
        t.row(0xF6, MUL, "Eb", R4);
        t.row(0xF6, IMUL, "Eb", R5, RO);
        t.row(0xF6, DIV, "Eb", R6);
        t.row(0xF6, IDIV, "Eb", R7);
        t.row(0xF7, TEST, "Ev,Iz", R0);
        t.row(0xF7, TEST, "Ev,Iz", R1, ALIAS);
        t.row(0xF7, NOT, "Ev", R2, LOCK);
        t.row(0xF7, NEG, "Ev", R3, LOCK);
        t.row(0xF7, MUL, "Ev", R4);
        t.row(0xF7, IMUL, "Ev", R5, RO);
        t.row(0xF7, DIV, "Ev", R6);
        t.row(0xF7, IDIV, "Ev", R7);
        t.row(0xFE, INC, "Eb", R0, LOCK);
        t.row(0xFE, DEC, "Eb", R1, LOCK);
        t.row(0xFF, INC, "Ev", R0, LOCK);
        t.row(0xFF, DEC, "Ev", R1, LOCK);
        t.row(0xFF, CALL, "Ev", R2, F64);
        t.row(0xFF, CALLF, "Mp", R3, MEM);
        t.row(0xFF, JMP, "Ev", R4, F64);
        t.row(0xFF, JMPF, "Mp", R5, MEM);
        t.row(0xFF, PUSH, "Ev", R6, D64);
    }

    private static void transfer(Rows t) {
        t.row(0x86, XCHG, "Eb,Gb", LOCK);
        t.row(0x87, XCHG, "Ev,Gv", LOCK);
        t.row(0x90, NOP, "", B0, NF3);
        t.row(0x90, PAUSE, "", B0, PF3);
        t.row(0x90, XCHG, "Zv,rAX", B1, O64);
        t.row(0x91, XCHG, "Zv,rAX");
        t.row(0x88, MOV, "Eb,Gb");
        t.row(0x89, MOV, "Ev,Gv");
        t.row(0x8A, MOV, "Gb,Eb");
        t.row(0x8B, MOV, "Gv,Ev");
        t.row(0x8C, MOVSR, "Rv/Mw,Sw");
        t.row(0x8E, MOVSR, "Sw,Rv/Mw");
        t.row(0xA0, MOV, "AL,Ob");
        t.row(0xA1, MOV, "rAX,Ov");
        t.row(0xA2, MOV, "Ob,AL");
        t.row(0xA3, MOV, "Ov,rAX");
        t.row(0xB0, MOV, "Zb,Ib");
        t.row(0xB8, MOV, "Zv,Iv");
        t.row(0xC6, MOV, "Eb,Ib", R0);
        t.row(0xC7, MOV, "Ev,Iz", R0);
        t.row(0x8D, LEA, "Gv,Mn", MEM);
        t.row(0xC4, LES, "Gz,Mp", I64, MEM);
        t.row(0xC5, LDS, "Gz,Mp", I64, MEM);
        t.row(0x63, ARPL, "Ew,Gw", I64);
        t.row(0x63, MOVSXD, "Gv,Ez", O64);
        t.row(0xD7, XLAT, "");
    }

    private static void stack(Rows t) {
        t.row(0x06, PUSHSR, "ES", I64);
        t.row(0x0E, PUSHSR, "CS", I64);
        t.row(0x16, PUSHSR, "SS", I64);
        t.row(0x1E, PUSHSR, "DS", I64);
        t.row(0x07, POPSR, "ES", I64);
        t.row(0x17, POPSR, "SS", I64);
        t.row(0x1F, POPSR, "DS", I64);
        t.row(0x50, PUSH, "Zv", D64);
        t.row(0x58, POP, "Zv", D64);
        t.row(0x60, PUSHA, "", I64);
        t.row(0x61, POPA, "", I64);
        t.row(0x68, PUSH, "Iz", D64);
        t.row(0x6A, PUSH, "sIb", D64);
        t.row(0x8F, POP, "Ev", R0, D64);
        t.row(0x9C, PUSHF, "", D64);
        t.row(0x9D, POPF, "", D64);
        t.row(0xC8, ENTER, "Iw,Ib", D64);
        t.row(0xC9, LEAVE, "", D64);
    }

    private static void control(Rows t) {
        t.conditions(0x70, JCC, "Jb", F64);
        t.row(0x9A, CALLF, "Ap", I64);
        t.row(0xEA, JMPF, "Ap", I64);
        t.row(0xC2, RET, "Iw", F64);
        t.row(0xC3, RET, "", F64);
        t.row(0xCA, RETF, "Iw");
        t.row(0xCB, RETF, "");
        t.row(0xCC, INT3, "");
        t.row(0xCD, INT, "Ib");
        t.row(0xCE, INTO, "", I64);
        t.row(0xCF, IRET, "");
        t.row(0xE0, LOOPNE, "Jb", F64);
        t.row(0xE1, LOOPE, "Jb", F64);
        t.row(0xE2, LOOP, "Jb", F64);
        t.row(0xE3, JCXZ, "Jb", F64);
        t.row(0xE8, CALL, "Jz", F64);
        t.row(0xE9, JMP, "Jz", F64);
        t.row(0xEB, JMP, "Jb", F64);
        t.row(0xF1, INT1, "");
        t.row(0x62, BOUND, "Gv,Ma", I64, MEM);
    }

    private static void stringsAndPorts(Rows t) {
        t.row(0xA4, MOVS, "Yb,Xb");
        t.row(0xA5, MOVS, "Yv,Xv");
        t.row(0xA6, CMPS, "Xb,Yb");
        t.row(0xA7, CMPS, "Xv,Yv");
        t.row(0xAA, STOS, "Yb,AL");
        t.row(0xAB, STOS, "Yv,rAX");
        t.row(0xAC, LODS, "AL,Xb");
        t.row(0xAD, LODS, "rAX,Xv");
        t.row(0xAE, SCAS, "AL,Yb");
        t.row(0xAF, SCAS, "rAX,Yv");
        t.row(0x6C, INS, "Yb,DX");
        t.row(0x6D, INS, "Yz,DX");
        t.row(0x6E, OUTS, "DX,Xb");
        t.row(0x6F, OUTS, "DX,Xz");
        t.row(0xE4, IN, "AL,Ib");
        t.row(0xE5, IN, "eAX,Ib");
        t.row(0xE6, OUT, "Ib,AL");
        t.row(0xE7, OUT, "Ib,eAX");
        t.row(0xEC, IN, "AL,DX");
        t.row(0xED, IN, "eAX,DX");
        t.row(0xEE, OUT, "DX,AL");
        t.row(0xEF, OUT, "DX,eAX");
    }

    private static void flagsAndDecimal(Rows t) {
        t.row(0x27, DAA, "", I64);
        t.row(0x2F, DAS, "", I64);
        t.row(0x37, AAA, "", I64);
        t.row(0x3F, AAS, "", I64);
        t.row(0xD4, AAM, "Ib", I64);
        t.row(0xD5, AAD, "Ib", I64);
        t.row(0xD6, SALC, "", I64, ALIAS);
        t.row(0x9B, FWAIT, "");
        t.row(0x9E, SAHF, "");
        t.row(0x9F, LAHF, "");
        t.row(0xF4, HLT, "");
        t.row(0xF5, CMC, "");
        t.row(0xF8, CLC, "");
        t.row(0xF9, STC, "");
        t.row(0xFA, CLI, "");
        t.row(0xFB, STI, "");
        t.row(0xFC, CLD, "");
        t.row(0xFD, STD, "");
    }

    private static Mark[] with(Mark one, Mark... others) {
        Mark[] all = java.util.Arrays.copyOf(others, others.length + 1);
        all[others.length] = one;
        return all;
    }
}
