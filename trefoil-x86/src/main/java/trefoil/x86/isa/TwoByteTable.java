package trefoil.x86.isa;

import static trefoil.x86.isa.Mark.*;
import static trefoil.x86.isa.Operation.*;

import java.util.List;
import trefoil.x86.cpuid.CpuFeature;

/** Integer and system instructions after 0F, 0F 38 and 0F 3A (Intel SDM Vol. 2, tables, groups 6 to 9, 15 to 17). */
final class TwoByteTable {
    private TwoByteTable() {}

    static void define(Rows t) {
        t.map(OpcodeMap.M0F);
        t.feature(CpuFeature.BASELINE);
        descriptorTables(t);
        system(t);
        control(t);
        integer(t);
        bits(t);
        hints(t);
        group9(t);
        group15(t);
        threeByte(t);
    }

    private static void descriptorTables(Rows t) {
        t.row(0x00, SLDT, "Rv/Mw", R0);
        t.row(0x00, STR, "Rv/Mw", R1);
        t.row(0x00, LLDT, "Ew", R2);
        t.row(0x00, LTR, "Ew", R3);
        t.row(0x00, VERR, "Ew", R4);
        t.row(0x00, VERW, "Ew", R5);
        t.row(0x01, SGDT, "Ms", R0, MEM, F64);
        t.row(0x01, SIDT, "Ms", R1, MEM, F64);
        t.row(0x01, LGDT, "Ms", R2, MEM, F64);
        t.row(0x01, LIDT, "Ms", R3, MEM, F64);
        t.row(0x01, SMSW, "Rv/Mw", R4);
        t.row(0x01, LMSW, "Ew", R6);
        t.row(0x01, INVLPG, "Mn", R7, MEM);
        t.row(0x01, VMCALL, "", R0, REG, M1, NP);
        t.row(0x01, VMMCALL, "", R3, REG, M1, NP);
        t.row(0x01, SWAPGS, "", R7, REG, M0, O64);
        t.row(0x02, LAR, "Gv,Rv/Mw");
        t.row(0x03, LSL, "Gv,Rv/Mw");
        t.feature(CpuFeature.MONITOR);
        t.row(0x01, MONITOR, "", R1, REG, M0, NP);
        t.row(0x01, MWAIT, "", R1, REG, M1, NP);
        t.feature(CpuFeature.SMAP);
        t.row(0x01, CLAC, "", R1, REG, M2, NP);
        t.row(0x01, STAC, "", R1, REG, M3, NP);
        t.feature(CpuFeature.XSAVE);
        t.row(0x01, XGETBV, "", R2, REG, M0, NP);
        t.row(0x01, XSETBV, "", R2, REG, M1, NP);
        t.feature(CpuFeature.RDTSCP);
        t.row(0x01, RDTSCP, "", R7, REG, M1);
        t.feature(CpuFeature.BASELINE);
    }

    private static void system(Rows t) {
        t.row(0x06, CLTS, "");
        t.row(0x08, INVD, "");
        t.row(0x09, WBINVD, "");
        t.row(0x0B, UD2, "");
        t.row(0xB9, UD1, "Gv,Ev");
        t.row(0xFF, UD0, "Gv,Ev");
        t.row(0x20, MOVCR, "Ry,Cy", F64);
        t.row(0x21, MOVDR, "Ry,Dy", F64);
        t.row(0x22, MOVCR, "Cy,Ry", F64);
        t.row(0x23, MOVDR, "Dy,Ry", F64);
        t.row(0xAA, RSM, "");
        t.row(0xA2, CPUID, "");
        t.row(0x33, RDPMC, "");
        t.feature(CpuFeature.TSC);
        t.row(0x31, RDTSC, "");
        t.feature(CpuFeature.MSR);
        t.row(0x30, WRMSR, "");
        t.row(0x32, RDMSR, "");
        t.feature(CpuFeature.SYSCALL);
        t.row(0x05, SYSCALL, "", O64);
        t.row(0x07, SYSRET, "", O64);
        t.feature(CpuFeature.SEP);
        t.row(0x34, SYSENTER, "");
        t.row(0x35, SYSEXIT, "");
        t.feature(CpuFeature.BASELINE);
    }

    private static void control(Rows t) {
        t.conditions(0x80, JCC, "Jz", F64);
        t.conditions(0x90, SETCC, "Eb");
        t.feature(CpuFeature.CMOV);
        t.conditions(0x40, CMOVCC, "Gv,Ev");
        t.feature(CpuFeature.BASELINE);
        t.row(0xA0, PUSHSR, "FS", D64);
        t.row(0xA1, POPSR, "FS", D64);
        t.row(0xA8, PUSHSR, "GS", D64);
        t.row(0xA9, POPSR, "GS", D64);
    }

    private static void integer(Rows t) {
        t.row(0xA4, SHLD, "Ev,Gv,Ib");
        t.row(0xA5, SHLD, "Ev,Gv,CL");
        t.row(0xAC, SHRD, "Ev,Gv,Ib");
        t.row(0xAD, SHRD, "Ev,Gv,CL");
        t.row(0xAF, IMUL, "Gv,Ev");
        t.row(0xB0, CMPXCHG, "Eb,Gb", LOCK);
        t.row(0xB1, CMPXCHG, "Ev,Gv", LOCK);
        t.row(0xC0, XADD, "Eb,Gb", LOCK);
        t.row(0xC1, XADD, "Ev,Gv", LOCK);
        t.row(0xB2, LSS, "Gv,Mp", MEM);
        t.row(0xB4, LFS, "Gv,Mp", MEM);
        t.row(0xB5, LGS, "Gv,Mp", MEM);
        t.row(0xB6, MOVZX, "Gv,Eb");
        t.row(0xB7, MOVZX, "Gv,Ew");
        t.row(0xBE, MOVSX, "Gv,Eb");
        t.row(0xBF, MOVSX, "Gv,Ew");
        t.row(0xC8, BSWAP, "Zv");
        t.feature(CpuFeature.SSE2);
        t.row(0xC3, MOVNTI, "My,Gy", MEM, NP);
        t.feature(CpuFeature.BASELINE);
    }

    private static void bits(Rows t) {
        t.row(0xA3, BT, "Ev,Gv");
        t.row(0xAB, BTS, "Ev,Gv", LOCK);
        t.row(0xB3, BTR, "Ev,Gv", LOCK);
        t.row(0xBB, BTC, "Ev,Gv", LOCK);
        t.row(0xBA, BT, "Ev,Ib", R4);
        t.row(0xBA, BTS, "Ev,Ib", R5, LOCK);
        t.row(0xBA, BTR, "Ev,Ib", R6, LOCK);
        t.row(0xBA, BTC, "Ev,Ib", R7, LOCK);
        t.row(0xBC, BSF, "Gv,Ev", NF3, RW);
        t.row(0xBD, BSR, "Gv,Ev", NF3, RW);
        t.feature(CpuFeature.BMI1);
        t.row(0xBC, TZCNT, "Gv,Ev", PF3);
        t.feature(CpuFeature.LZCNT);
        t.row(0xBD, LZCNT, "Gv,Ev", PF3);
        t.feature(CpuFeature.POPCNT);
        t.row(0xB8, POPCNT, "Gv,Ev", PF3);
        t.feature(CpuFeature.BASELINE);
    }

    /** Opcodes 0D and 18 to 1F: hints, and what processors without CET and MPX take for hints (Vol. 2, NOP; Vol. 1, 17.1.3). */
    private static void hints(Rows t) {
        t.row(0x0D, PREFETCH, "Mn", R0, MEM);
        t.row(0x0D, PREFETCHW, "Mn", R1, MEM);
        t.row(0x0D, PREFETCHWT1, "Mn", R2, MEM);
        for (Mark reg : List.of(R3, R4, R5, R6, R7)) {
            t.row(0x0D, PREFETCH, "Mn", reg, MEM, ALIAS);
        }
        t.row(0x0D, NOP, "Ev", REG, ALIAS);
        t.row(0x18, PREFETCHNTA, "Mn", R0, MEM);
        t.row(0x18, PREFETCHT0, "Mn", R1, MEM);
        t.row(0x18, PREFETCHT1, "Mn", R2, MEM);
        t.row(0x18, PREFETCHT2, "Mn", R3, MEM);
        for (Mark reg : List.of(R0, R1, R2, R3)) {
            t.row(0x18, NOP, "Ev", reg, REG);
        }
        for (Mark reg : List.of(R4, R5, R6, R7)) {
            t.row(0x18, NOP, "Ev", reg);
        }
        for (int opcode : new int[] {0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1F}) {
            t.row(opcode, NOP, "Ev");
        }
        t.row(0x1E, NOP, "Ev", NF3);
        for (Mark reg : List.of(R0, R1, R2, R3, R4, R5, R6)) {
            t.row(0x1E, NOP, "Ev", PF3, reg);
        }
        t.row(0x1E, NOP, "Ev", PF3, R7, MEM);
        t.row(0x1E, ENDBR64, "", PF3, R7, REG, M2);
        t.row(0x1E, ENDBR32, "", PF3, R7, REG, M3);
        for (Mark rm : List.of(M0, M1, M4, M5, M6, M7)) {
            t.row(0x1E, NOP, "Ev", PF3, R7, REG, rm);
        }
    }

    private static void group9(Rows t) {
        t.feature(CpuFeature.CX8);
        t.row(0xC7, CMPXCHG8B, "Mq", R1, MEM, W0, LOCK);
        t.feature(CpuFeature.CX16);
        t.row(0xC7, CMPXCHG16B, "Mdq", R1, MEM, W1, O64, LOCK);
        t.feature(CpuFeature.XSAVES);
        t.row(0xC7, XRSTORS, "Mxs", R3, MEM, NP);
        t.row(0xC7, XSAVES, "Mxs", R5, MEM, NP);
        t.feature(CpuFeature.XSAVEC);
        t.row(0xC7, XSAVEC, "Mxs", R4, MEM, NP);
        t.feature(CpuFeature.RDRAND);
        t.row(0xC7, RDRAND, "Rv", R6, REG, NFX);
        t.feature(CpuFeature.RDSEED);
        t.row(0xC7, RDSEED, "Rv", R7, REG, NFX);
        t.feature(CpuFeature.RDPID);
        t.row(0xC7, RDPID, "Ry", R7, REG, PF3, F64);
    }

    private static void group15(Rows t) {
        t.feature(CpuFeature.FXSR);
        t.row(0xAE, FXSAVE, "Mfx", R0, MEM, NP);
        t.row(0xAE, FXRSTOR, "Mfx", R1, MEM, NP);
        t.feature(CpuFeature.SSE);
        t.both(0xAE, LDMXCSR, "Md", R2, MEM, NP, L0, X5);
        t.both(0xAE, STMXCSR, "Md", R3, MEM, NP, L0, X5);
        t.row(0xAE, SFENCE, "", R7, REG, NP);
        t.feature(CpuFeature.XSAVE);
        t.row(0xAE, XSAVE, "Mxs", R4, MEM, NP);
        t.row(0xAE, XRSTOR, "Mxs", R5, MEM, NP);
        t.feature(CpuFeature.XSAVEOPT);
        t.row(0xAE, XSAVEOPT, "Mxs", R6, MEM, NP);
        t.feature(CpuFeature.CLFSH);
        t.row(0xAE, CLFLUSH, "Mb", R7, MEM, NP);
        t.feature(CpuFeature.CLFLUSHOPT);
        t.row(0xAE, CLFLUSHOPT, "Mb", R7, MEM, P66);
        t.feature(CpuFeature.CLWB);
        t.row(0xAE, CLWB, "Mb", R6, MEM, P66);
        t.feature(CpuFeature.SSE2);
        t.row(0xAE, LFENCE, "", R5, REG, NP);
        t.row(0xAE, MFENCE, "", R6, REG, NP);
        t.feature(CpuFeature.FSGSBASE);
        t.row(0xAE, RDFSBASE, "Ry", R0, REG, PF3, O64);
        t.row(0xAE, RDGSBASE, "Ry", R1, REG, PF3, O64);
        t.row(0xAE, WRFSBASE, "Ry", R2, REG, PF3, O64);
        t.row(0xAE, WRGSBASE, "Ry", R3, REG, PF3, O64);
    }

    private static void threeByte(Rows t) {
        t.map(OpcodeMap.M0F38);
        t.feature(CpuFeature.MOVBE);
        t.row(0xF0, MOVBE, "Gv,Mv", MEM, NFX);
        t.row(0xF1, MOVBE, "Mv,Gv", MEM, NFX);
        t.feature(CpuFeature.SSE4_2);
        t.row(0xF0, CRC32, "Gy,Eb", PF2);
        t.row(0xF1, CRC32, "Gy,Ev", PF2);
        t.feature(CpuFeature.ADX);
        t.row(0xF6, ADCX, "Gy,Ey", P66);
        t.row(0xF6, ADOX, "Gy,Ey", PF3);
        t.feature(CpuFeature.INVPCID);
        t.row(0x82, INVPCID, "Gy,Mdq", MEM, P66, F64);
        bmi(t);
    }

    private static void bmi(Rows t) {
        t.features(CpuFeature.BASELINE, CpuFeature.BMI1, CpuFeature.BMI1);
        t.vex(0xF2, ANDN, "Gy,By,Ey", NP, L0, X13);
        t.vex(0xF3, BLSR, "By,Ey", NP, L0, R1, X13);
        t.vex(0xF3, BLSMSK, "By,Ey", NP, L0, R2, X13);
        t.vex(0xF3, BLSI, "By,Ey", NP, L0, R3, X13);
        t.vex(0xF7, BEXTR, "Gy,Ey,By", NP, L0, X13);
        t.features(CpuFeature.BASELINE, CpuFeature.BMI2, CpuFeature.BMI2);
        t.vex(0xF5, BZHI, "Gy,Ey,By", NP, L0, X13);
        t.vex(0xF5, PEXT, "Gy,By,Ey", PF3, L0, X13);
        t.vex(0xF5, PDEP, "Gy,By,Ey", PF2, L0, X13);
        t.vex(0xF6, MULX, "Gy,By,Ey", PF2, L0, X13);
        t.vex(0xF7, SHLX, "Gy,Ey,By", P66, L0, X13);
        t.vex(0xF7, SARX, "Gy,Ey,By", PF3, L0, X13);
        t.vex(0xF7, SHRX, "Gy,Ey,By", PF2, L0, X13);
        t.map(OpcodeMap.M0F3A);
        t.vex(0xF0, RORX, "Gy,Ey,Ib", PF2, L0, X13);
    }
}
