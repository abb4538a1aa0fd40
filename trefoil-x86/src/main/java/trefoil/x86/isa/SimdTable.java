package trefoil.x86.isa;

import static trefoil.x86.isa.Mark.*;
import static trefoil.x86.isa.Operation.*;

import trefoil.x86.cpuid.CpuFeature;

/** MMX, SSE, SSE2, SSE3 after 0F and their VEX forms (Intel SDM Vol. 2, table A-3, groups 12 to 14). The operand H, VEX.vvvv, is there with VEX only. */
final class SimdTable {
    private SimdTable() {}

    static void define(Rows t) {
        t.map(OpcodeMap.M0F);
        moves(t);
        halves(t);
        conversions(t);
        arithmetic(t);
        logicAndShuffles(t);
        horizontal(t);
        integerMoves(t);
        integerPacks(t);
        integerShifts(t);
        integerArithmetic(t);
        words(t);
    }

    private static void moves(Rows t) {
        t.feature(CpuFeature.SSE);
        t.both(0x10, MOVUPS, "Vps,Wps", NP, X4U);
        t.both(0x11, MOVUPS, "Wps,Vps", NP, X4U);
        t.both(0x10, MOVSS, "Vss,Md", PF3, MEM, X5);
        t.both(0x11, MOVSS, "Md,Vss", PF3, MEM, X5);
        t.row(0x10, MOVSS, "Vss,Uss", PF3, REG, RW, X5);
        t.row(0x11, MOVSS, "Uss,Vss", PF3, REG, RW, X5);
        t.vex(0x10, MOVSS, "Vss,Hss,Uss", PF3, REG, X5);
        t.vex(0x11, MOVSS, "Uss,Hss,Vss", PF3, REG, X5);
        t.both(0x28, MOVAPS, "Vps,Wps", NP, X1);
        t.both(0x29, MOVAPS, "Wps,Vps", NP, X1);
        t.both(0x2B, MOVNTPS, "Mps,Vps", NP, MEM, X1);
        t.both(0x50, MOVMSKPS, "Gy,Ups", NP, REG, X7);
        t.feature(CpuFeature.SSE2);
        t.both(0x10, MOVUPD, "Vpd,Wpd", P66, X4U);
        t.both(0x11, MOVUPD, "Wpd,Vpd", P66, X4U);
        t.both(0x10, MOVSD, "Vsd,Mq", PF2, MEM, X5);
        t.both(0x11, MOVSD, "Mq,Vsd", PF2, MEM, X5);
        t.row(0x10, MOVSD, "Vsd,Usd", PF2, REG, RW, X5);
        t.row(0x11, MOVSD, "Usd,Vsd", PF2, REG, RW, X5);
        t.vex(0x10, MOVSD, "Vsd,Hsd,Usd", PF2, REG, X5);
        t.vex(0x11, MOVSD, "Usd,Hsd,Vsd", PF2, REG, X5);
        t.both(0x28, MOVAPD, "Vpd,Wpd", P66, X1);
        t.both(0x29, MOVAPD, "Wpd,Vpd", P66, X1);
        t.both(0x2B, MOVNTPD, "Mpd,Vpd", P66, MEM, X1);
        t.both(0x50, MOVMSKPD, "Gy,Upd", P66, REG, X7);
    }

    private static void halves(Rows t) {
        t.feature(CpuFeature.SSE);
        t.row(0x12, MOVLPS, "Vq,Mq", NP, MEM, RW, X5);
        t.row(0x16, MOVHPS, "Vq,Mq", NP, MEM, RW, X5);
        t.vex(0x12, MOVLPS, "Vq,Hq,Mq", NP, MEM, L0, X5);
        t.vex(0x16, MOVHPS, "Vq,Hq,Mq", NP, MEM, L0, X5);
        t.both(0x13, MOVLPS, "Mq,Vq", NP, MEM, L0, X5);
        t.both(0x17, MOVHPS, "Mq,Vq", NP, MEM, L0, X5);
        t.both(0x12, MOVHLPS, "Vdq,Hdq,Udq", NP, REG, L0, X7);
        t.both(0x16, MOVLHPS, "Vdq,Hdq,Udq", NP, REG, L0, X7);
        t.both(0x14, UNPCKLPS, "Vps,Hps,Wps", NP, X4);
        t.both(0x15, UNPCKHPS, "Vps,Hps,Wps", NP, X4);
        t.feature(CpuFeature.SSE2);
        t.row(0x12, MOVLPD, "Vq,Mq", P66, MEM, RW, X5);
        t.row(0x16, MOVHPD, "Vq,Mq", P66, MEM, RW, X5);
        t.vex(0x12, MOVLPD, "Vq,Hq,Mq", P66, MEM, L0, X5);
        t.vex(0x16, MOVHPD, "Vq,Hq,Mq", P66, MEM, L0, X5);
        t.both(0x13, MOVLPD, "Mq,Vq", P66, MEM, L0, X5);
        t.both(0x17, MOVHPD, "Mq,Vq", P66, MEM, L0, X5);
        t.both(0x14, UNPCKLPD, "Vpd,Hpd,Wpd", P66, X4);
        t.both(0x15, UNPCKHPD, "Vpd,Hpd,Wpd", P66, X4);
        t.feature(CpuFeature.SSE3);
        t.both(0x12, MOVSLDUP, "Vps,Wps", PF3, X4);
        t.both(0x16, MOVSHDUP, "Vps,Wps", PF3, X4);
        t.row(0x12, MOVDDUP, "Vdq,Wq", PF2, X5);
        t.vex(0x12, MOVDDUP, "Vdq,Wq", PF2, L0, X5);
        t.vex(0x12, MOVDDUP, "Vqq,Wqq", PF2, L1, X5);
    }

    private static void conversions(Rows t) {
        t.feature(CpuFeature.SSE);
        t.row(0x2A, CVTPI2PS, "Vps,Qpi", NP, XMF);
        t.row(0x2C, CVTTPS2PI, "Ppi,Wq", NP, XMF);
        t.row(0x2D, CVTPS2PI, "Ppi,Wq", NP, XMF);
        t.both(0x2A, CVTSI2SS, "Vss,Hss,Ey", PF3, X3);
        t.both(0x2C, CVTTSS2SI, "Gy,Wss", PF3, X3);
        t.both(0x2D, CVTSS2SI, "Gy,Wss", PF3, X3);
        t.both(0x2E, UCOMISS, "Vss,Wss", NP, X3);
        t.both(0x2F, COMISS, "Vss,Wss", NP, X3);
        t.feature(CpuFeature.SSE2);
        t.row(0x2A, CVTPI2PD, "Vpd,Qpi", P66, XMF);
        t.row(0x2C, CVTTPD2PI, "Ppi,Wpd", P66, X2, XMF);
        t.row(0x2D, CVTPD2PI, "Ppi,Wpd", P66, X2, XMF);
        t.both(0x2A, CVTSI2SD, "Vsd,Hsd,Ey", PF2, X3);
        t.both(0x2C, CVTTSD2SI, "Gy,Wsd", PF2, X3);
        t.both(0x2D, CVTSD2SI, "Gy,Wsd", PF2, X3);
        t.both(0x2E, UCOMISD, "Vsd,Wsd", P66, X3);
        t.both(0x2F, COMISD, "Vsd,Wsd", P66, X3);
        t.both(0x5A, CVTPS2PD, "Vpd,Wh", NP, X3);
        t.both(0x5A, CVTPD2PS, "Vh,Wpd", P66, X2);
        t.both(0x5A, CVTSS2SD, "Vsd,Hsd,Wss", PF3, X3);
        t.both(0x5A, CVTSD2SS, "Vss,Hss,Wsd", PF2, X3);
        t.both(0x5B, CVTDQ2PS, "Vps,Wx", NP, X2);
        t.both(0x5B, CVTPS2DQ, "Vx,Wps", P66, X2);
        t.both(0x5B, CVTTPS2DQ, "Vx,Wps", PF3, X2);
        t.both(0xE6, CVTTPD2DQ, "Vh,Wpd", P66, X2);
        t.both(0xE6, CVTDQ2PD, "Vpd,Wh", PF3, X5);
        t.both(0xE6, CVTPD2DQ, "Vh,Wpd", PF2, X2);
    }

    private static void arithmetic(Rows t) {
        four(t, 0x58, ADDPS, ADDPD, ADDSS, ADDSD);
        four(t, 0x59, MULPS, MULPD, MULSS, MULSD);
        four(t, 0x5C, SUBPS, SUBPD, SUBSS, SUBSD);
        four(t, 0x5D, MINPS, MINPD, MINSS, MINSD);
        four(t, 0x5E, DIVPS, DIVPD, DIVSS, DIVSD);
        four(t, 0x5F, MAXPS, MAXPD, MAXSS, MAXSD);
        t.feature(CpuFeature.SSE);
        t.both(0x51, SQRTPS, "Vps,Wps", NP, X2);
        t.both(0x51, SQRTSS, "Vss,Hss,Wss", PF3, X3);
        t.both(0x52, RSQRTPS, "Vps,Wps", NP, X4);
        t.both(0x52, RSQRTSS, "Vss,Hss,Wss", PF3, X5);
        t.both(0x53, RCPPS, "Vps,Wps", NP, X4);
        t.both(0x53, RCPSS, "Vss,Hss,Wss", PF3, X5);
        t.both(0xC2, CMPPS, "Vps,Hps,Wps,Ib", NP, X2);
        t.both(0xC2, CMPSS, "Vss,Hss,Wss,Ib", PF3, X3);
        t.feature(CpuFeature.SSE2);
        t.both(0x51, SQRTPD, "Vpd,Wpd", P66, X2);
        t.both(0x51, SQRTSD, "Vsd,Hsd,Wsd", PF2, X3);
        t.both(0xC2, CMPPD, "Vpd,Hpd,Wpd,Ib", P66, X2);
        t.both(0xC2, CMPSD, "Vsd,Hsd,Wsd,Ib", PF2, X3);
    }

    private static void four(Rows t, int opcode, Operation ps, Operation pd, Operation ss, Operation sd) {
        t.feature(CpuFeature.SSE);
        t.both(opcode, ps, "Vps,Hps,Wps", NP, X2);
        t.both(opcode, ss, "Vss,Hss,Wss", PF3, X3);
        t.feature(CpuFeature.SSE2);
        t.both(opcode, pd, "Vpd,Hpd,Wpd", P66, X2);
        t.both(opcode, sd, "Vsd,Hsd,Wsd", PF2, X3);
    }

    private static void logicAndShuffles(Rows t) {
        t.feature(CpuFeature.SSE);
        t.both(0x54, ANDPS, "Vps,Hps,Wps", NP, X4);
        t.both(0x55, ANDNPS, "Vps,Hps,Wps", NP, X4);
        t.both(0x56, ORPS, "Vps,Hps,Wps", NP, X4);
        t.both(0x57, XORPS, "Vps,Hps,Wps", NP, X4);
        t.both(0xC6, SHUFPS, "Vps,Hps,Wps,Ib", NP, X4);
        t.feature(CpuFeature.SSE2);
        t.both(0x54, ANDPD, "Vpd,Hpd,Wpd", P66, X4);
        t.both(0x55, ANDNPD, "Vpd,Hpd,Wpd", P66, X4);
        t.both(0x56, ORPD, "Vpd,Hpd,Wpd", P66, X4);
        t.both(0x57, XORPD, "Vpd,Hpd,Wpd", P66, X4);
        t.both(0xC6, SHUFPD, "Vpd,Hpd,Wpd,Ib", P66, X4);
    }

    private static void horizontal(Rows t) {
        t.feature(CpuFeature.SSE3);
        t.both(0x7C, HADDPD, "Vpd,Hpd,Wpd", P66, X2);
        t.both(0x7C, HADDPS, "Vps,Hps,Wps", PF2, X2);
        t.both(0x7D, HSUBPD, "Vpd,Hpd,Wpd", P66, X2);
        t.both(0x7D, HSUBPS, "Vps,Hps,Wps", PF2, X2);
        t.both(0xD0, ADDSUBPD, "Vpd,Hpd,Wpd", P66, X2);
        t.both(0xD0, ADDSUBPS, "Vps,Hps,Wps", PF2, X2);
        t.both(0xF0, LDDQU, "Vx,Mx", PF2, MEM, X4U);
    }

    private static void integerMoves(Rows t) {
        t.feature(CpuFeature.MMX);
        t.row(0x6E, MOVD, "Py,Ey", NP, XM);
        t.row(0x7E, MOVD, "Ey,Py", NP, XM);
        t.row(0x6F, MOVQ, "Pq,Qq", NP, XM);
        t.row(0x7F, MOVQ, "Qq,Pq", NP, XM);
        t.row(0x77, EMMS, "", NP, XM);
        t.vex(0x77, VZEROUPPER, "", NP, L0, X8);
        t.vex(0x77, VZEROALL, "", NP, L1, X8);
        t.feature(CpuFeature.SSE);
        t.row(0xE7, MOVNTQ, "Mq,Pq", NP, MEM, XM);
        t.row(0xF7, MASKMOVQ, "Pq,Nq", NP, REG, XM);
        t.row(0xD7, PMOVMSKB, "Gy,Nq", NP, REG, XM);
        t.feature(CpuFeature.SSE2);
        t.both(0x6E, MOVD, "Vy,Ey", P66, L0, X5);
        t.both(0x7E, MOVD, "Ey,Vy", P66, L0, X5);
        t.both(0x7E, MOVQ, "Vq,Wq", PF3, L0, X5);
        t.both(0xD6, MOVQ, "Wq,Vq", P66, L0, X5);
        t.both(0x6F, MOVDQA, "Vx,Wx", P66, X1);
        t.both(0x7F, MOVDQA, "Wx,Vx", P66, X1);
        t.both(0x6F, MOVDQU, "Vx,Wx", PF3, X4U);
        t.both(0x7F, MOVDQU, "Wx,Vx", PF3, X4U);
        t.both(0xE7, MOVNTDQ, "Mx,Vx", P66, MEM, X1);
        t.both(0xF7, MASKMOVDQU, "Vdq,Udq", P66, REG, L0, X4U);
        t.row(0xD6, MOVQ2DQ, "Vdq,Nq", PF3, REG, XM);
        t.row(0xD6, MOVDQ2Q, "Pq,Uq", PF2, REG, XM);
        t.features(CpuFeature.SSE2, CpuFeature.AVX, CpuFeature.AVX2);
        t.both(0xD7, PMOVMSKB, "Gy,Ux", P66, REG, X7);
    }

    private static void integerPacks(Rows t) {
        t.features(CpuFeature.SSE2, CpuFeature.AVX, CpuFeature.AVX2);
        t.packed(0x60, PUNPCKLBW, "Pq,Qd", "Vx,Hx,Wx", CpuFeature.MMX);
        t.packed(0x61, PUNPCKLWD, "Pq,Qd", "Vx,Hx,Wx", CpuFeature.MMX);
        t.packed(0x62, PUNPCKLDQ, "Pq,Qd", "Vx,Hx,Wx", CpuFeature.MMX);
        t.mmx(0x63, PACKSSWB, CpuFeature.MMX);
        t.mmx(0x64, PCMPGTB, CpuFeature.MMX);
        t.mmx(0x65, PCMPGTW, CpuFeature.MMX);
        t.mmx(0x66, PCMPGTD, CpuFeature.MMX);
        t.mmx(0x67, PACKUSWB, CpuFeature.MMX);
        t.mmx(0x68, PUNPCKHBW, CpuFeature.MMX);
        t.mmx(0x69, PUNPCKHWD, CpuFeature.MMX);
        t.mmx(0x6A, PUNPCKHDQ, CpuFeature.MMX);
        t.mmx(0x6B, PACKSSDW, CpuFeature.MMX);
        t.both(0x6C, PUNPCKLQDQ, "Vx,Hx,Wx", P66, X4);
        t.both(0x6D, PUNPCKHQDQ, "Vx,Hx,Wx", P66, X4);
        t.mmx(0x74, PCMPEQB, CpuFeature.MMX);
        t.mmx(0x75, PCMPEQW, CpuFeature.MMX);
        t.mmx(0x76, PCMPEQD, CpuFeature.MMX);
        t.both(0x70, PSHUFD, "Vx,Wx,Ib", P66, X4);
        t.both(0x70, PSHUFHW, "Vx,Wx,Ib", PF3, X4);
        t.both(0x70, PSHUFLW, "Vx,Wx,Ib", PF2, X4);
        t.feature(CpuFeature.SSE);
        t.row(0x70, PSHUFW, "Pq,Qq,Ib", NP, XM);
    }

    private static void integerShifts(Rows t) {
        t.features(CpuFeature.SSE2, CpuFeature.AVX, CpuFeature.AVX2);
        byRegister(t, 0xD1, PSRLW);
        byRegister(t, 0xD2, PSRLD);
        byRegister(t, 0xD3, PSRLQ);
        byRegister(t, 0xE1, PSRAW);
        byRegister(t, 0xE2, PSRAD);
        byRegister(t, 0xF1, PSLLW);
        byRegister(t, 0xF2, PSLLD);
        byRegister(t, 0xF3, PSLLQ);
        byImmediate(t, 0x71, PSRLW, R2);
        byImmediate(t, 0x71, PSRAW, R4);
        byImmediate(t, 0x71, PSLLW, R6);
        byImmediate(t, 0x72, PSRLD, R2);
        byImmediate(t, 0x72, PSRAD, R4);
        byImmediate(t, 0x72, PSLLD, R6);
        byImmediate(t, 0x73, PSRLQ, R2);
        byImmediate(t, 0x73, PSLLQ, R6);
        t.both(0x73, PSRLDQ, "Hx,Ux,Ib", P66, REG, R3, X7);
        t.both(0x73, PSLLDQ, "Hx,Ux,Ib", P66, REG, R7, X7);
        t.feature(CpuFeature.MMX);
        mmxByImmediate(t, 0x71, PSRLW, R2);
        mmxByImmediate(t, 0x71, PSRAW, R4);
        mmxByImmediate(t, 0x71, PSLLW, R6);
        mmxByImmediate(t, 0x72, PSRLD, R2);
        mmxByImmediate(t, 0x72, PSRAD, R4);
        mmxByImmediate(t, 0x72, PSLLD, R6);
        mmxByImmediate(t, 0x73, PSRLQ, R2);
        mmxByImmediate(t, 0x73, PSLLQ, R6);
    }

    private static void byRegister(Rows t, int opcode, Operation operation) {
        t.packed(opcode, operation, "Pq,Qq", "Vx,Hx,Wdq", CpuFeature.MMX);
    }

    private static void byImmediate(Rows t, int opcode, Operation operation, Mark reg) {
        t.both(opcode, operation, "Hx,Ux,Ib", P66, REG, reg, X7);
    }

    private static void mmxByImmediate(Rows t, int opcode, Operation operation, Mark reg) {
        t.row(opcode, operation, "Nq,Ib", NP, REG, reg, XM);
    }

    private static void integerArithmetic(Rows t) {
        t.features(CpuFeature.SSE2, CpuFeature.AVX, CpuFeature.AVX2);
        t.mmx(0xD4, PADDQ, CpuFeature.SSE2);
        t.mmx(0xD5, PMULLW, CpuFeature.MMX);
        t.mmx(0xD8, PSUBUSB, CpuFeature.MMX);
        t.mmx(0xD9, PSUBUSW, CpuFeature.MMX);
        t.mmx(0xDA, PMINUB, CpuFeature.SSE);
        t.mmx(0xDB, PAND, CpuFeature.MMX);
        t.mmx(0xDC, PADDUSB, CpuFeature.MMX);
        t.mmx(0xDD, PADDUSW, CpuFeature.MMX);
        t.mmx(0xDE, PMAXUB, CpuFeature.SSE);
        t.mmx(0xDF, PANDN, CpuFeature.MMX);
        t.mmx(0xE0, PAVGB, CpuFeature.SSE);
        t.mmx(0xE3, PAVGW, CpuFeature.SSE);
        t.mmx(0xE4, PMULHUW, CpuFeature.SSE);
        t.mmx(0xE5, PMULHW, CpuFeature.MMX);
        t.mmx(0xE8, PSUBSB, CpuFeature.MMX);
        t.mmx(0xE9, PSUBSW, CpuFeature.MMX);
        t.mmx(0xEA, PMINSW, CpuFeature.SSE);
        t.mmx(0xEB, POR, CpuFeature.MMX);
        t.mmx(0xEC, PADDSB, CpuFeature.MMX);
        t.mmx(0xED, PADDSW, CpuFeature.MMX);
        t.mmx(0xEE, PMAXSW, CpuFeature.SSE);
        t.mmx(0xEF, PXOR, CpuFeature.MMX);
        t.mmx(0xF4, PMULUDQ, CpuFeature.SSE2);
        t.mmx(0xF5, PMADDWD, CpuFeature.MMX);
        t.mmx(0xF6, PSADBW, CpuFeature.SSE);
        t.mmx(0xF8, PSUBB, CpuFeature.MMX);
        t.mmx(0xF9, PSUBW, CpuFeature.MMX);
        t.mmx(0xFA, PSUBD, CpuFeature.MMX);
        t.mmx(0xFB, PSUBQ, CpuFeature.SSE2);
        t.mmx(0xFC, PADDB, CpuFeature.MMX);
        t.mmx(0xFD, PADDW, CpuFeature.MMX);
        t.mmx(0xFE, PADDD, CpuFeature.MMX);
    }

    private static void words(Rows t) {
        t.feature(CpuFeature.SSE);
        t.row(0xC4, PINSRW, "Pq,Rd/Mw,Ib", NP, XM);
        t.row(0xC5, PEXTRW, "Gd,Nq,Ib", NP, REG, XM);
        t.feature(CpuFeature.SSE2);
        t.both(0xC4, PINSRW, "Vdq,Hdq,Rd/Mw,Ib", P66, L0, X5);
        t.both(0xC5, PEXTRW, "Gd,Udq,Ib", P66, REG, L0, X7);
    }
}
