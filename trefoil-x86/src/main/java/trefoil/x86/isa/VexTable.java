package trefoil.x86.isa;

import static trefoil.x86.isa.Mark.*;
import static trefoil.x86.isa.Operation.*;

import java.util.List;
import trefoil.x86.cpuid.CpuFeature;

/** AVX, AVX2, F16C and FMA without a form in SSE (Intel SDM Vol. 2, tables; 2.3 for VEX). */
final class VexTable {
    private VexTable() {}

    static void define(Rows t) {
        t.map(OpcodeMap.M0F38);
        permutes(t);
        broadcasts(t);
        masked(t);
        gathers(t);
        multiplyAdd(t);
        t.map(OpcodeMap.M0F3A);
        lanes(t);
    }

    private static void permutes(Rows t) {
        t.feature(CpuFeature.AVX);
        t.vex(0x0C, VPERMILPS, "Vps,Hps,Wps", P66, W0, X4);
        t.vex(0x0D, VPERMILPD, "Vpd,Hpd,Wpd", P66, W0, X4);
        t.vex(0x0E, VTESTPS, "Vps,Wps", P66, W0, X4);
        t.vex(0x0F, VTESTPD, "Vpd,Wpd", P66, W0, X4);
        avx2(t);
        t.vex(0x16, VPERMPS, "Vqq,Hqq,Wqq", P66, W0, L1, X4);
        t.vex(0x36, VPERMD, "Vqq,Hqq,Wqq", P66, W0, L1, X4);
        t.vex(0x45, VPSRLVD, "Vx,Hx,Wx", P66, W0, X4);
        t.vex(0x45, VPSRLVQ, "Vx,Hx,Wx", P66, W1, X4);
        t.vex(0x46, VPSRAVD, "Vx,Hx,Wx", P66, W0, X4);
        t.vex(0x47, VPSLLVD, "Vx,Hx,Wx", P66, W0, X4);
        t.vex(0x47, VPSLLVQ, "Vx,Hx,Wx", P66, W1, X4);
        t.features(CpuFeature.BASELINE, CpuFeature.F16C, CpuFeature.F16C);
        t.vex(0x13, VCVTPH2PS, "Vps,Wh", P66, W0, X11);
    }

    private static void broadcasts(Rows t) {
        t.feature(CpuFeature.AVX);
        t.vex(0x18, VBROADCASTSS, "Vx,Md", P66, W0, MEM, X6);
        t.vex(0x19, VBROADCASTSD, "Vqq,Mq", P66, W0, L1, MEM, X6);
        t.vex(0x1A, VBROADCASTF128, "Vqq,Mdq", P66, W0, L1, MEM, X6);
        avx2(t);
        t.vex(0x18, VBROADCASTSS, "Vx,Udq", P66, W0, REG, X6);
        t.vex(0x19, VBROADCASTSD, "Vqq,Udq", P66, W0, L1, REG, X6);
        t.vex(0x58, VPBROADCASTD, "Vx,Wd", P66, W0, X6);
        t.vex(0x59, VPBROADCASTQ, "Vx,Wq", P66, W0, X6);
        t.vex(0x5A, VBROADCASTI128, "Vqq,Mdq", P66, W0, L1, MEM, X6);
        t.vex(0x78, VPBROADCASTB, "Vx,Wb", P66, W0, X6);
        t.vex(0x79, VPBROADCASTW, "Vx,Ww", P66, W0, X6);
    }

    private static void masked(Rows t) {
        t.feature(CpuFeature.AVX);
        t.vex(0x2C, VMASKMOVPS, "Vx,Hx,Mx", P66, W0, MEM, X6);
        t.vex(0x2D, VMASKMOVPD, "Vx,Hx,Mx", P66, W0, MEM, X6);
        t.vex(0x2E, VMASKMOVPS, "Mx,Hx,Vx", P66, W0, MEM, RW, X6);
        t.vex(0x2F, VMASKMOVPD, "Mx,Hx,Vx", P66, W0, MEM, RW, X6);
        avx2(t);
        t.vex(0x8C, VPMASKMOVD, "Vx,Hx,Mx", P66, W0, MEM, X6);
        t.vex(0x8C, VPMASKMOVQ, "Vx,Hx,Mx", P66, W1, MEM, X6);
        t.vex(0x8E, VPMASKMOVD, "Mx,Hx,Vx", P66, W0, MEM, RW, X6);
        t.vex(0x8E, VPMASKMOVQ, "Mx,Hx,Vx", P66, W1, MEM, RW, X6);
    }

    /** The second letter of T is the width of an element; the vector of indices is xmm or ymm by operation and VEX.L. */
    private static void gathers(Rows t) {
        avx2(t);
        t.vex(0x90, VPGATHERDD, "Vx,Td,Hx", P66, W0, MEM, X12);
        t.vex(0x90, VPGATHERDQ, "Vx,Tq,Hx", P66, W1, MEM, X12);
        t.vex(0x91, VPGATHERQD, "Vdq,Td,Hdq", P66, W0, MEM, X12);
        t.vex(0x91, VPGATHERQQ, "Vx,Tq,Hx", P66, W1, MEM, X12);
        t.vex(0x92, VGATHERDPS, "Vx,Td,Hx", P66, W0, MEM, X12);
        t.vex(0x92, VGATHERDPD, "Vx,Tq,Hx", P66, W1, MEM, X12);
        t.vex(0x93, VGATHERQPS, "Vdq,Td,Hdq", P66, W0, MEM, X12);
        t.vex(0x93, VGATHERQPD, "Vx,Tq,Hx", P66, W1, MEM, X12);
    }

    private static void multiplyAdd(Rows t) {
        t.features(CpuFeature.BASELINE, CpuFeature.FMA, CpuFeature.FMA);
        fused(t, 0x90, "132");
        fused(t, 0xA0, "213");
        fused(t, 0xB0, "231");
    }

    private static void fused(Rows t, int row, String order) {
        packedAndScalar(t, row | 0x6, "VFMADDSUB" + order, false);
        packedAndScalar(t, row | 0x7, "VFMSUBADD" + order, false);
        int opcode = row | 0x8;
        for (String name : List.of("VFMADD", "VFMSUB", "VFNMADD", "VFNMSUB")) {
            packedAndScalar(t, opcode, name + order, true);
            opcode += 2;
        }
    }

    private static void packedAndScalar(Rows t, int opcode, String name, boolean scalar) {
        t.vex(opcode, Operation.valueOf(name + "PS"), "Vps,Hps,Wps", P66, W0, X2);
        t.vex(opcode, Operation.valueOf(name + "PD"), "Vpd,Hpd,Wpd", P66, W1, X2);
        if (scalar) {
            t.vex(opcode + 1, Operation.valueOf(name + "SS"), "Vss,Hss,Wss", P66, W0, X3);
            t.vex(opcode + 1, Operation.valueOf(name + "SD"), "Vsd,Hsd,Wsd", P66, W1, X3);
        }
    }

    private static void lanes(Rows t) {
        t.feature(CpuFeature.AVX);
        t.vex(0x04, VPERMILPS, "Vps,Wps,Ib", P66, W0, X4);
        t.vex(0x05, VPERMILPD, "Vpd,Wpd,Ib", P66, W0, X4);
        t.vex(0x06, VPERM2F128, "Vqq,Hqq,Wqq,Ib", P66, W0, L1, X6);
        t.vex(0x18, VINSERTF128, "Vqq,Hqq,Wdq,Ib", P66, W0, L1, X6);
        t.vex(0x19, VEXTRACTF128, "Wdq,Vqq,Ib", P66, W0, L1, X6);
        t.vex(0x4A, BLENDVPS, "Vps,Hps,Wps,Lx", P66, W0, X4);
        t.vex(0x4B, BLENDVPD, "Vpd,Hpd,Wpd,Lx", P66, W0, X4);
        t.features(CpuFeature.BASELINE, CpuFeature.AVX, CpuFeature.AVX2);
        t.vex(0x4C, PBLENDVB, "Vx,Hx,Wx,Lx", P66, W0, X4);
        avx2(t);
        t.vex(0x00, VPERMQ, "Vqq,Wqq,Ib", P66, W1, L1, X4);
        t.vex(0x01, VPERMPD, "Vqq,Wqq,Ib", P66, W1, L1, X4);
        t.vex(0x02, VPBLENDD, "Vx,Hx,Wx,Ib", P66, W0, X4);
        t.vex(0x38, VINSERTI128, "Vqq,Hqq,Wdq,Ib", P66, W0, L1, X6);
        t.vex(0x39, VEXTRACTI128, "Wdq,Vqq,Ib", P66, W0, L1, X6);
        t.vex(0x46, VPERM2I128, "Vqq,Hqq,Wqq,Ib", P66, W0, L1, X6);
        t.features(CpuFeature.BASELINE, CpuFeature.F16C, CpuFeature.F16C);
        t.vex(0x1D, VCVTPS2PH, "Wh,Vps,Ib", P66, W0, X11);
    }

    private static void avx2(Rows t) {
        t.features(CpuFeature.BASELINE, CpuFeature.AVX2, CpuFeature.AVX2);
    }
}
