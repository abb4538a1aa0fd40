package trefoil.x86.isa;

import static trefoil.x86.isa.Mark.*;
import static trefoil.x86.isa.Operation.*;

import trefoil.x86.cpuid.CpuFeature;

/** SSSE3, SSE4, AES, PCLMULQDQ and SHA after 0F 38 and 0F 3A, with their VEX forms (Intel SDM Vol. 2, tables ). */
final class ThreeByteTable {
    private ThreeByteTable() {}

    static void define(Rows t) {
        t.map(OpcodeMap.M0F38);
        ssse3(t);
        sse41(t);
        extensions(t);
        minimaAndMaxima(t);
        cryptography(t);
        t.map(OpcodeMap.M0F3A);
        rounding(t);
        insertsAndExtracts(t);
        strings(t);
    }

    private static void ssse3(Rows t) {
        t.features(CpuFeature.SSSE3, CpuFeature.AVX, CpuFeature.AVX2);
        t.mmx(0x00, PSHUFB, CpuFeature.SSSE3);
        t.mmx(0x01, PHADDW, CpuFeature.SSSE3);
        t.mmx(0x02, PHADDD, CpuFeature.SSSE3);
        t.mmx(0x03, PHADDSW, CpuFeature.SSSE3);
        t.mmx(0x04, PMADDUBSW, CpuFeature.SSSE3);
        t.mmx(0x05, PHSUBW, CpuFeature.SSSE3);
        t.mmx(0x06, PHSUBD, CpuFeature.SSSE3);
        t.mmx(0x07, PHSUBSW, CpuFeature.SSSE3);
        t.mmx(0x08, PSIGNB, CpuFeature.SSSE3);
        t.mmx(0x09, PSIGNW, CpuFeature.SSSE3);
        t.mmx(0x0A, PSIGND, CpuFeature.SSSE3);
        t.mmx(0x0B, PMULHRSW, CpuFeature.SSSE3);
        t.packed(0x1C, PABSB, "Pq,Qq", "Vx,Wx", CpuFeature.SSSE3);
        t.packed(0x1D, PABSW, "Pq,Qq", "Vx,Wx", CpuFeature.SSSE3);
        t.packed(0x1E, PABSD, "Pq,Qq", "Vx,Wx", CpuFeature.SSSE3);
    }

    private static void sse41(Rows t) {
        t.feature(CpuFeature.SSE4_1);
        t.row(0x10, PBLENDVB, "Vdq,Wdq,XMM0", P66, X4);
        t.row(0x14, BLENDVPS, "Vdq,Wdq,XMM0", P66, X4);
        t.row(0x15, BLENDVPD, "Vdq,Wdq,XMM0", P66, X4);
        t.both(0x17, PTEST, "Vx,Wx", P66, X4);
        t.both(0x41, PHMINPOSUW, "Vdq,Wdq", P66, L0, X4);
        t.features(CpuFeature.SSE4_1, CpuFeature.AVX, CpuFeature.AVX2);
        t.both(0x28, PMULDQ, "Vx,Hx,Wx", P66, X4);
        t.both(0x29, PCMPEQQ, "Vx,Hx,Wx", P66, X4);
        t.both(0x2A, MOVNTDQA, "Vx,Mx", P66, MEM, X1);
        t.both(0x2B, PACKUSDW, "Vx,Hx,Wx", P66, X4);
        t.both(0x40, PMULLD, "Vx,Hx,Wx", P66, X4);
        t.features(CpuFeature.SSE4_2, CpuFeature.AVX, CpuFeature.AVX2);
        t.both(0x37, PCMPGTQ, "Vx,Hx,Wx", P66, X4);
    }

    private static void extensions(Rows t) {
        t.features(CpuFeature.SSE4_1, CpuFeature.AVX, CpuFeature.AVX2);
        t.both(0x20, PMOVSXBW, "Vx,Wh", P66, X5);
        t.both(0x21, PMOVSXBD, "Vx,Wf", P66, X5);
        t.both(0x22, PMOVSXBQ, "Vx,We", P66, X5);
        t.both(0x23, PMOVSXWD, "Vx,Wh", P66, X5);
        t.both(0x24, PMOVSXWQ, "Vx,Wf", P66, X5);
        t.both(0x25, PMOVSXDQ, "Vx,Wh", P66, X5);
        t.both(0x30, PMOVZXBW, "Vx,Wh", P66, X5);
        t.both(0x31, PMOVZXBD, "Vx,Wf", P66, X5);
        t.both(0x32, PMOVZXBQ, "Vx,We", P66, X5);
        t.both(0x33, PMOVZXWD, "Vx,Wh", P66, X5);
        t.both(0x34, PMOVZXWQ, "Vx,Wf", P66, X5);
        t.both(0x35, PMOVZXDQ, "Vx,Wh", P66, X5);
    }

    private static void minimaAndMaxima(Rows t) {
        t.both(0x38, PMINSB, "Vx,Hx,Wx", P66, X4);
        t.both(0x39, PMINSD, "Vx,Hx,Wx", P66, X4);
        t.both(0x3A, PMINUW, "Vx,Hx,Wx", P66, X4);
        t.both(0x3B, PMINUD, "Vx,Hx,Wx", P66, X4);
        t.both(0x3C, PMAXSB, "Vx,Hx,Wx", P66, X4);
        t.both(0x3D, PMAXSD, "Vx,Hx,Wx", P66, X4);
        t.both(0x3E, PMAXUW, "Vx,Hx,Wx", P66, X4);
        t.both(0x3F, PMAXUD, "Vx,Hx,Wx", P66, X4);
    }

    private static void cryptography(Rows t) {
        t.feature(CpuFeature.AES);
        t.both(0xDB, AESIMC, "Vdq,Wdq", P66, L0, X4);
        t.both(0xDC, AESENC, "Vdq,Hdq,Wdq", P66, L0, X4);
        t.both(0xDD, AESENCLAST, "Vdq,Hdq,Wdq", P66, L0, X4);
        t.both(0xDE, AESDEC, "Vdq,Hdq,Wdq", P66, L0, X4);
        t.both(0xDF, AESDECLAST, "Vdq,Hdq,Wdq", P66, L0, X4);
        t.feature(CpuFeature.SHA);
        t.row(0xC8, SHA1NEXTE, "Vdq,Wdq", NP, X4);
        t.row(0xC9, SHA1MSG1, "Vdq,Wdq", NP, X4);
        t.row(0xCA, SHA1MSG2, "Vdq,Wdq", NP, X4);
        t.row(0xCB, SHA256RNDS2, "Vdq,Wdq,XMM0", NP, X4);
        t.row(0xCC, SHA256MSG1, "Vdq,Wdq", NP, X4);
        t.row(0xCD, SHA256MSG2, "Vdq,Wdq", NP, X4);
        t.map(OpcodeMap.M0F3A);
        t.row(0xCC, SHA1RNDS4, "Vdq,Wdq,Ib", NP, X4);
        t.feature(CpuFeature.AES);
        t.both(0xDF, AESKEYGENASSIST, "Vdq,Wdq,Ib", P66, L0, X4);
        t.feature(CpuFeature.PCLMULQDQ);
        t.both(0x44, PCLMULQDQ, "Vdq,Hdq,Wdq,Ib", P66, L0, X4);
    }

    private static void rounding(Rows t) {
        t.feature(CpuFeature.SSE4_1);
        t.both(0x08, ROUNDPS, "Vps,Wps,Ib", P66, X2);
        t.both(0x09, ROUNDPD, "Vpd,Wpd,Ib", P66, X2);
        t.both(0x0A, ROUNDSS, "Vss,Hss,Wss,Ib", P66, X3);
        t.both(0x0B, ROUNDSD, "Vsd,Hsd,Wsd,Ib", P66, X3);
        t.both(0x0C, BLENDPS, "Vps,Hps,Wps,Ib", P66, X4);
        t.both(0x0D, BLENDPD, "Vpd,Hpd,Wpd,Ib", P66, X4);
        t.both(0x40, DPPS, "Vps,Hps,Wps,Ib", P66, X2);
        t.both(0x41, DPPD, "Vdq,Hdq,Wdq,Ib", P66, L0, X2);
        t.features(CpuFeature.SSE4_1, CpuFeature.AVX, CpuFeature.AVX2);
        t.both(0x0E, PBLENDW, "Vx,Hx,Wx,Ib", P66, X4);
        t.both(0x42, MPSADBW, "Vx,Hx,Wx,Ib", P66, X4);
        t.features(CpuFeature.SSSE3, CpuFeature.AVX, CpuFeature.AVX2);
        t.packed(0x0F, PALIGNR, "Pq,Qq,Ib", "Vx,Hx,Wx,Ib", CpuFeature.SSSE3);
    }

    private static void insertsAndExtracts(Rows t) {
        t.feature(CpuFeature.SSE4_1);
        t.both(0x14, PEXTRB, "Rd/Mb,Vdq,Ib", P66, L0, X5);
        t.both(0x15, PEXTRW, "Rd/Mw,Vdq,Ib", P66, L0, X5);
        t.both(0x16, PEXTRD, "Ey,Vdq,Ib", P66, L0, X5);
        t.both(0x17, EXTRACTPS, "Ed,Vdq,Ib", P66, L0, X5);
        t.both(0x20, PINSRB, "Vdq,Hdq,Rd/Mb,Ib", P66, L0, X5);
        t.both(0x21, INSERTPS, "Vdq,Hdq,Udq/Md,Ib", P66, L0, X5);
        t.both(0x22, PINSRD, "Vdq,Hdq,Ey,Ib", P66, L0, X5);
    }

    private static void strings(Rows t) {
        t.feature(CpuFeature.SSE4_2);
        t.both(0x60, PCMPESTRM, "Vdq,Wdq,Ib", P66, L0, X4U);
        t.both(0x61, PCMPESTRI, "Vdq,Wdq,Ib", P66, L0, X4U);
        t.both(0x62, PCMPISTRM, "Vdq,Wdq,Ib", P66, L0, X4U);
        t.both(0x63, PCMPISTRI, "Vdq,Wdq,Ib", P66, L0, X4U);
    }
}
