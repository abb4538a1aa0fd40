package trefoil.x86.disassemble;

import java.util.regex.Pattern;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Mark;

/** Where objdump 2.40 and the processor that Trefoil imitates differ, and why ours is right. */
final class Differences {
    /** Extensions that the table leaves out; see the description of package isa. */
    private static final Pattern NOT_OFFERED = Pattern.compile("(" + String.join("|",
            "vm(launch|resume|xoff|xon|clear|func|ptrld|ptrst|read|write|run|load|save)", "inv(ept|vpid|lpga|lpgb)", "(st|cl)gi", "skinit", "clzero", "tlbsync", "mwaitx", "monitorx", "mcommit", "rdpru", "psmash", "pvalidate", "rmp(adjust|update)", // VMX, SVM
            "vmgexit", "tile\\w+", "(ld|st)tilecfg", "tdp\\w+", "getsec", "encl[suv]", "seam\\w+", "tdcall", // SMX, SGX, TDX
            "femms", "p(f2i[dw]|i2f[dw]|f(acc|nacc|pnacc|add|cmp(eq|ge|gt)|max|min|mul|rcp|rcpit[12]|rsqit1|rsqrt|sub|subr)|mulhrw|swapd|avgusb)", // 3DNow!
            "xbegin[wd]?", "xend", "xabort", "xtest", "xsusldtrk", "xresldtrk", "(rd|wr)pkru", "serialize", "[cs]etssbsy", "setssbsy", "clrssbsy", "(inc|rd)ssp[dq]", "wru?ss[dq]", "saveprevssp", "rstorssp", "u?iret", "uiret", "(cl|st|test)ui", "senduipi",
            "umonitor", "umwait", "tpause", "ptwrite", "movdir(i|64b)", "enqcmds?", "wbnoinvd", "gf2p8\\w+", "aes(enc|dec)(wide)?(128|256)kl", "encodekey.*", "loadiwkey", "pconfig", "hreset", "cldemote", "wrmsrns", "vfn?m(add|sub)(sub|add)?[ps][sd]", "vpermil2p[sd]", "frstpm\\(287 only\\)", "bnd\\w+", "jmpe", "a(add|and|or|xor)", "cmp\\w+xadd",
            "xstore-rng", "xcrypt-\\w+", "montmul", "xsha\\d+", "lwpins|lwpval|llwpcb|slwpcb", "extrq|insertq|movnts[sd]", // VIA, AMD
            "v?gf2p8.*", "vp(dp|madd52).*", "v(aes|pclmul).*ymm.*", "v.*(zmm|\\{|k\\d).*", "k(and|or|xor|xnor|not|mov|test|add|unpck|shift)\\w+", "vb?cstne\\w+") + ")( .*)?");

    private Differences() {}

    static boolean same(String ours, String theirs, byte[] octets, Instruction i) {
        return ours.equals(theirs) || i == null && (undefinedHere(theirs) || isOtherVector(theirs, octets)) || i != null && (theirs.equals("(bad)") ? definedHere(i) : justified(ours, theirs, i));
    }

    /** What objdump does not know and processors execute. */
    private static boolean definedHere(Instruction i) {
        return i.row().is(Mark.ALIAS) // 8087 aliases, SALC, 0F 0D with a register: not in the SDM's maps, but executed
                || switch (i.operation()) {
                    case LFENCE, MFENCE, SFENCE -> true; // SDM Vol. 2, LFENCE: "the processor ignores the r/m field"
                    case FWAIT -> true; // objdump takes 9B for a prefix of what follows
                    case NOP -> i.opcode() == 0x1A || i.opcode() == 0x1B; // without MPX there are no bounds registers that might not exist
                    case WBINVD -> i.operandSizePrefix(); // 0F 09 without NP in the SDM: 66 has no meaning
                    default -> false;
                };
    }

    /** What objdump knows and the processor does not have, or refuses. */
    private static boolean undefinedHere(String theirs) {
        return theirs.startsWith("lock ") // where LOCK is not allowed: #UD (SDM Vol. 2, LOCK)
                || theirs.matches("sys(call|ret).*") // outside of 64-bit mode Intel's processors refuse it (Vol. 2, SYSCALL)
                || theirs.matches("mov .*\\b[ctd]r\\d+.*") // registers that do not exist (Vol. 2, MOV)
                || theirs.matches("mov (es|cs|ss|ds|fs|gs|\\?),.*|mov .*,\\?") // MOV to CS, segment registers 6 and 7
                || NOT_OFFERED.matcher(theirs).matches();
    }

    /** EVEX and XOP are not offered; VEX after REX, 66, F2 and F3, and VZEROUPPER with a prefix that it has not, are refused (SDM Vol. 2, 2.3.2, 2.3.3 and VZEROUPPER: NP). */
    private static boolean isOtherVector(String theirs, byte[] octets) {
        return theirs.startsWith("v") && (octets[0] == 0x62 || (octets[0] & 0xFF) == 0x8F || hasPrefix(octets) || theirs.startsWith("vzero"));
    }

    private static boolean hasPrefix(byte[] octets) {
        for (int i = 0; i + 1 < octets.length; i++) {
            if (((octets[i] & 0xF0) == 0x40 || octets[i] == 0x66 || (octets[i] & 0xFE) == 0xF2) && (octets[i + 1] & 0xFE) == 0xC4) {
                return true;
            }
        }
        return false;
    }

    /** objdump stops at a REX prefix that another prefix follows; processors ignore it (Vol. 2, 2.2.1). */
    static boolean isLonePrefix(Objdump.Line line, byte[] octets) {
        return line.text().strip().matches("([a-z0-9]+ )*rex(\\.[WRXB]+)?|\\.byte .*");
    }

    private static boolean justified(String ours, String theirs, Instruction i) {
        return switch (i.operation()) {
            case NOP -> theirs.matches("(bnd(ldx|stx|mov|mk|cl|cn|cu)|cldemote|rdssp[dq]|prefetchit[01]) .*"); // Vol. 1, 17.1.3 and CET: hints without MPX and CET
            case MOVSS, MOVSD -> i.row().vex() && ours.equals(theirs.replace("ymm", "xmm")); // VEX.LIG: scalars are of 128 bits
            case PCLMULQDQ -> theirs.startsWith(ours.substring(0, ours.indexOf(' ') - 3)) && (i.immediate() & ~0x11) != 0; // bits 0 and 4 alone select
            case MOVSXD, LSS, LFS, LGS, FNSAVE, FRSTOR, FNSTENV, FLDENV -> i.w() && i.operandSizePrefix(); // REX.W goes before 66 (Vol. 2, 2.2.1.2)
            case FWAIT -> true; // objdump takes REX before 9B for an instruction, and 9B for a prefix
            case JMP, CALL, JMPF, CALLF -> ours.replace("ds:[", "[").equals(theirs) && i.segment() == 3 // 3E is taken for notrack
                    || i.w() && i.operandSizePrefix(); // REX.W goes before 66 (Vol. 2, 2.2.1.2)
            case JCC, JCXZ, LOOP, LOOPE, LOOPNE -> ours.equals(theirs.replace("0xffff", "0x")); // objdump cuts negative targets to 32 bits, the processor to 16
            default -> false;
        };
    }
}
