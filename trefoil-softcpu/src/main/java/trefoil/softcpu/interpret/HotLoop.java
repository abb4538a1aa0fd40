package trefoil.softcpu.interpret;

import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;

/**
 * Executes decoded instructions of one page until control leaves it, or something wants attention. RIP is not kept from one instruction to the next: it follows from the place in the page.
 *
 * <p>HotSpot compiles no method beyond 8,000 octets of bytecode, and inlines no more than about as many into one: so what a case does is a call of a few octets.
 */
final class HotLoop {
    private static final long LOW = 0xFFFF_FFFFL;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Family[] families;
    private CodePage page;
    private long ripBase;
    private long ripMask;
    private boolean limited;

    HotLoop(Cpu cpu, Mmu mmu, Family[] families) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.families = families;
    }

    /**
     * Executes from an instruction of a page on. Afterwards {@code cpu.rip} is what comes next.
     *
     * @param base RIP of the page's first octet
     * @return whether the next instruction is to be executed by its family, which knows more
     * @throws Fault with {@code cpu.rip} at the instruction
     */
    boolean run(CodePage of, int slot, long base) {
        page = of;
        ripBase = base;
        ripMask = cpu.ripMask();
        limited = !cpu.flat;
        int at = slot * CodePage.WORDS;
        long count = 0;
        int[] ops = of.ops;
        long b = cpu.block;
        try {
            while (true) {
                int w0 = ops[at];
                int w1 = ops[at + 1];
                long d = b + (w1 & 0xFF);
                long s = b + (w1 >>> 8 & 0xFF);
                count++;
                switch (w0 & Op.MASK) {
                    case Op.LEAVE, Op.STRADDLE -> {
                        count--;
                        cpu.rip = rip(w0);
                        return false;
                    }
                    case Op.END -> {
                        count--;
                        cpu.rip = ripBase + GuestMemory.PAGE_SIZE & ripMask;
                        return false;
                    }
                    case Op.GOTO -> {
                        count--;
                        at = branch(ops, at);
                        if (at < 0) {
                            return false;
                        }
                        continue;
                    }
                    case Op.GENERAL -> {
                        if (!general(w0, ops[at + 3])) {
                            return false;
                        }
                    }
                    case Op.GENERAL_ENDS -> {
                        general(w0, ops[at + 3]);
                        cpu.rip = cpu.nextRip;
                        return false;
                    }
                    case Op.ADD_RR32 -> HotAlu.add32(cpu, d, RawMemory.getInt(s));
                    case Op.ADD_RI32 -> HotAlu.add32(cpu, d, ops[at + 3]);
                    case Op.ADD_RM32 -> HotAlu.add32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.OR_RR32 -> HotAlu.or32(cpu, d, RawMemory.getInt(s));
                    case Op.OR_RI32 -> HotAlu.or32(cpu, d, ops[at + 3]);
                    case Op.OR_RM32 -> HotAlu.or32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.ADC_RR32 -> HotAlu.adc32(cpu, d, RawMemory.getInt(s));
                    case Op.ADC_RI32 -> HotAlu.adc32(cpu, d, ops[at + 3]);
                    case Op.ADC_RM32 -> HotAlu.adc32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.SBB_RR32 -> HotAlu.sbb32(cpu, d, RawMemory.getInt(s));
                    case Op.SBB_RI32 -> HotAlu.sbb32(cpu, d, ops[at + 3]);
                    case Op.SBB_RM32 -> HotAlu.sbb32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.AND_RR32 -> HotAlu.and32(cpu, d, RawMemory.getInt(s));
                    case Op.AND_RI32 -> HotAlu.and32(cpu, d, ops[at + 3]);
                    case Op.AND_RM32 -> HotAlu.and32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.SUB_RR32 -> HotAlu.sub32(cpu, d, RawMemory.getInt(s));
                    case Op.SUB_RI32 -> HotAlu.sub32(cpu, d, ops[at + 3]);
                    case Op.SUB_RM32 -> HotAlu.sub32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.XOR_RR32 -> HotAlu.xor32(cpu, d, RawMemory.getInt(s));
                    case Op.XOR_RI32 -> HotAlu.xor32(cpu, d, ops[at + 3]);
                    case Op.XOR_RM32 -> HotAlu.xor32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.CMP_RR32 -> HotAlu.cmp32(cpu, d, RawMemory.getInt(s));
                    case Op.CMP_RI32 -> HotAlu.cmp32(cpu, d, ops[at + 3]);
                    case Op.CMP_RM32 -> HotAlu.cmp32(cpu, d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.TEST_RR32 -> HotAlu.test32(cpu, d, RawMemory.getInt(s));
                    case Op.TEST_RI32 -> HotAlu.test32(cpu, d, ops[at + 3]);
                    case Op.ADD_RR64 -> HotAlu.add64(cpu, d, RawMemory.getLong(s));
                    case Op.ADD_RI64 -> HotAlu.add64(cpu, d, ops[at + 3]);
                    case Op.ADD_RM64 -> HotAlu.add64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.OR_RR64 -> HotAlu.or64(cpu, d, RawMemory.getLong(s));
                    case Op.OR_RI64 -> HotAlu.or64(cpu, d, ops[at + 3]);
                    case Op.OR_RM64 -> HotAlu.or64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.ADC_RR64 -> HotAlu.adc64(cpu, d, RawMemory.getLong(s));
                    case Op.ADC_RI64 -> HotAlu.adc64(cpu, d, ops[at + 3]);
                    case Op.ADC_RM64 -> HotAlu.adc64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.SBB_RR64 -> HotAlu.sbb64(cpu, d, RawMemory.getLong(s));
                    case Op.SBB_RI64 -> HotAlu.sbb64(cpu, d, ops[at + 3]);
                    case Op.SBB_RM64 -> HotAlu.sbb64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.AND_RR64 -> HotAlu.and64(cpu, d, RawMemory.getLong(s));
                    case Op.AND_RI64 -> HotAlu.and64(cpu, d, ops[at + 3]);
                    case Op.AND_RM64 -> HotAlu.and64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.SUB_RR64 -> HotAlu.sub64(cpu, d, RawMemory.getLong(s));
                    case Op.SUB_RI64 -> HotAlu.sub64(cpu, d, ops[at + 3]);
                    case Op.SUB_RM64 -> HotAlu.sub64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.XOR_RR64 -> HotAlu.xor64(cpu, d, RawMemory.getLong(s));
                    case Op.XOR_RI64 -> HotAlu.xor64(cpu, d, ops[at + 3]);
                    case Op.XOR_RM64 -> HotAlu.xor64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.CMP_RR64 -> HotAlu.cmp64(cpu, d, RawMemory.getLong(s));
                    case Op.CMP_RI64 -> HotAlu.cmp64(cpu, d, ops[at + 3]);
                    case Op.CMP_RM64 -> HotAlu.cmp64(cpu, d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.TEST_RR64 -> HotAlu.test64(cpu, d, RawMemory.getLong(s));
                    case Op.TEST_RI64 -> HotAlu.test64(cpu, d, ops[at + 3]);
                    case Op.MOV_RR32 -> RawMemory.putLong(d, RawMemory.getInt(s) & LOW);
                    case Op.MOV_RR64 -> RawMemory.putLong(d, RawMemory.getLong(s));
                    case Op.MOV_RI32 -> RawMemory.putLong(d, ops[at + 3] & LOW);
                    case Op.MOV_RI64 -> RawMemory.putLong(d, (long) ops[at + 3] << 32 | ops[at + 2] & LOW);
                    case Op.MOV_RM32 -> RawMemory.putLong(d, mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOV_RM64 -> RawMemory.putLong(d, mmu.load64(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOV_MR32 -> mmu.store32(ea(b, w0, w1, ops[at + 2]), RawMemory.getInt(s));
                    case Op.MOV_MR64 -> mmu.store64(ea(b, w0, w1, ops[at + 2]), RawMemory.getLong(s));
                    case Op.MOV_MI32 -> mmu.store32(ea(b, w0, w1, ops[at + 2]), ops[at + 3]);
                    case Op.MOV_MI64 -> mmu.store64(ea(b, w0, w1, ops[at + 2]), ops[at + 3]);
                    case Op.LEA32 -> RawMemory.putLong(d, ea(b, w0, w1, ops[at + 2]) & LOW);
                    case Op.LEA64 -> RawMemory.putLong(d, ea(b, w0, w1, ops[at + 2]));
                    case Op.INC32 -> HotAlu.inc32(cpu, d);
                    case Op.INC64 -> HotAlu.inc64(cpu, d);
                    case Op.DEC32 -> HotAlu.dec32(cpu, d);
                    case Op.DEC64 -> HotAlu.dec64(cpu, d);
                    case Op.NEG32 -> HotAlu.neg32(cpu, d);
                    case Op.NEG64 -> HotAlu.neg64(cpu, d);
                    case Op.NOT32 -> RawMemory.putLong(d, ~RawMemory.getInt(d) & LOW);
                    case Op.NOT64 -> RawMemory.putLong(d, ~RawMemory.getLong(d));
                    case Op.SHL_I32 -> HotAlu.shl32(cpu, d, ops[at + 3]);
                    case Op.SHL_I64 -> HotAlu.shl64(cpu, d, ops[at + 3]);
                    case Op.SHR_I32 -> HotAlu.shr32(cpu, d, ops[at + 3]);
                    case Op.SHR_I64 -> HotAlu.shr64(cpu, d, ops[at + 3]);
                    case Op.SAR_I32 -> HotAlu.sar32(cpu, d, ops[at + 3]);
                    case Op.SAR_I64 -> HotAlu.sar64(cpu, d, ops[at + 3]);
                    case Op.IMUL_RR32 -> HotAlu.imul32(cpu, d, RawMemory.getInt(s));
                    case Op.IMUL_RR64 -> HotAlu.imul64(cpu, d, RawMemory.getLong(s));
                    case Op.MOV_RM8 -> RawMemory.putByte(d, (byte) mmu.load8(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOV_RM16 -> RawMemory.putShort(d, (short) mmu.load16(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOV_MR8 -> mmu.store8(ea(b, w0, w1, ops[at + 2]), RawMemory.getByte(s));
                    case Op.MOV_MR16 -> mmu.store16(ea(b, w0, w1, ops[at + 2]), RawMemory.getShort(s));
                    case Op.MOV_MI8 -> mmu.store8(ea(b, w0, w1, ops[at + 2]), ops[at + 3]);
                    case Op.MOV_MI16 -> mmu.store16(ea(b, w0, w1, ops[at + 2]), ops[at + 3]);
                    case Op.MOV_RR8 -> RawMemory.putByte(d, RawMemory.getByte(s));
                    case Op.MOVZX_RR8 -> RawMemory.putLong(d, RawMemory.getByte(s) & 0xFFL);
                    case Op.MOVZX_RR16 -> RawMemory.putLong(d, RawMemory.getShort(s) & 0xFFFFL);
                    case Op.MOVZX_RM8 -> RawMemory.putLong(d, mmu.load8(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOVZX_RM16 -> RawMemory.putLong(d, mmu.load16(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOVSX_RR8_32 -> RawMemory.putLong(d, RawMemory.getByte(s) & LOW);
                    case Op.MOVSX_RR8_64 -> RawMemory.putLong(d, RawMemory.getByte(s));
                    case Op.MOVSX_RR16_32 -> RawMemory.putLong(d, RawMemory.getShort(s) & LOW);
                    case Op.MOVSX_RR16_64 -> RawMemory.putLong(d, RawMemory.getShort(s));
                    case Op.MOVSX_RR32_64 -> RawMemory.putLong(d, RawMemory.getInt(s));
                    case Op.MOVSX_RM8_32 -> RawMemory.putLong(d, (byte) mmu.load8(ea(b, w0, w1, ops[at + 2])) & LOW);
                    case Op.MOVSX_RM8_64 -> RawMemory.putLong(d, (byte) mmu.load8(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOVSX_RM16_32 -> RawMemory.putLong(d, (short) mmu.load16(ea(b, w0, w1, ops[at + 2])) & LOW);
                    case Op.MOVSX_RM16_64 -> RawMemory.putLong(d, (short) mmu.load16(ea(b, w0, w1, ops[at + 2])));
                    case Op.MOVSX_RM32_64 -> RawMemory.putLong(d, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])));
                    case Op.CMP_RR8 -> HotAlu.cmp8(cpu, RawMemory.getByte(d), RawMemory.getByte(s));
                    case Op.CMP_RI8 -> HotAlu.cmp8(cpu, RawMemory.getByte(d), ops[at + 3]);
                    case Op.CMP_RM8 -> HotAlu.cmp8(cpu, RawMemory.getByte(d), mmu.load8(ea(b, w0, w1, ops[at + 2])));
                    case Op.CMP_MI8 -> HotAlu.cmp8(cpu, mmu.load8(ea(b, w0, w1, ops[at + 2])), ops[at + 3]);
                    case Op.CMP_MR8 -> HotAlu.cmp8(cpu, mmu.load8(ea(b, w0, w1, ops[at + 2])), RawMemory.getByte(s));
                    case Op.TEST_RR8 -> HotAlu.logical(cpu, RawMemory.getByte(d) & RawMemory.getByte(s));
                    case Op.TEST_RI8 -> HotAlu.logical(cpu, (byte) (RawMemory.getByte(d) & ops[at + 3]));
                    case Op.TEST_MI8 -> HotAlu.logical(cpu, (byte) (mmu.load8(ea(b, w0, w1, ops[at + 2])) & ops[at + 3]));
                    case Op.AND_RI8 -> HotAlu.logical8(cpu, d, RawMemory.getByte(d) & ops[at + 3]);
                    case Op.OR_RR8 -> HotAlu.logical8(cpu, d, RawMemory.getByte(d) | RawMemory.getByte(s));
                    case Op.XOR_RR8 -> HotAlu.logical8(cpu, d, RawMemory.getByte(d) ^ RawMemory.getByte(s));
                    case Op.CMP_MI32 -> HotAlu.compare(cpu, mmu.load32(ea(b, w0, w1, ops[at + 2])), ops[at + 3], 32);
                    case Op.CMP_MI64 -> HotAlu.compare(cpu, mmu.load64(ea(b, w0, w1, ops[at + 2])), ops[at + 3], 64);
                    case Op.CMP_MR32 -> HotAlu.compare(cpu, mmu.load32(ea(b, w0, w1, ops[at + 2])), RawMemory.getInt(s), 32);
                    case Op.CMP_MR64 -> HotAlu.compare(cpu, mmu.load64(ea(b, w0, w1, ops[at + 2])), RawMemory.getLong(s), 64);
                    case Op.TEST_MI32 -> HotAlu.logical(cpu, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])) & ops[at + 3]);
                    case Op.TEST_MI64 -> HotAlu.logical(cpu, mmu.load64(ea(b, w0, w1, ops[at + 2])) & ops[at + 3]);
                    case Op.TEST_MR32 -> HotAlu.logical(cpu, (int) mmu.load32(ea(b, w0, w1, ops[at + 2])) & RawMemory.getInt(s));
                    case Op.TEST_MR64 -> HotAlu.logical(cpu, mmu.load64(ea(b, w0, w1, ops[at + 2])) & RawMemory.getLong(s));
                    case Op.PUSH_R -> push(RawMemory.getLong(s));
                    case Op.PUSH_I -> push(ops[at + 3]);
                    case Op.POP_R -> {
                        long top = RawMemory.getLong(b + Block.RSP);
                        long value = mmu.load64(top);
                        RawMemory.putLong(b + Block.RSP, top + 8);
                        RawMemory.putLong(d, value);
                    }
                    case Op.SHL_CL32 -> HotAlu.shlByCount32(cpu, d, RawMemory.getByte(b + Block.RCX) & 31);
                    case Op.SHL_CL64 -> HotAlu.shlByCount64(cpu, d, RawMemory.getByte(b + Block.RCX) & 63);
                    case Op.SHR_CL32 -> HotAlu.shrByCount32(cpu, d, RawMemory.getByte(b + Block.RCX) & 31);
                    case Op.SHR_CL64 -> HotAlu.shrByCount64(cpu, d, RawMemory.getByte(b + Block.RCX) & 63);
                    case Op.SAR_CL32 -> HotAlu.sarByCount32(cpu, d, RawMemory.getByte(b + Block.RCX) & 31);
                    case Op.SAR_CL64 -> HotAlu.sarByCount64(cpu, d, RawMemory.getByte(b + Block.RCX) & 63);
                    case Op.ALU_MR32 -> HotAlu.inMemory(cpu, mmu, w1 & 0xFF, ea(b, w0, w1, ops[at + 2]), RawMemory.getInt(s), 4);
                    case Op.ALU_MR64 -> HotAlu.inMemory(cpu, mmu, w1 & 0xFF, ea(b, w0, w1, ops[at + 2]), RawMemory.getLong(s), 8);
                    case Op.ALU_MI32 -> HotAlu.inMemory(cpu, mmu, w1 & 0xFF, ea(b, w0, w1, ops[at + 2]), ops[at + 3], 4);
                    case Op.ALU_MI64 -> HotAlu.inMemory(cpu, mmu, w1 & 0xFF, ea(b, w0, w1, ops[at + 2]), ops[at + 3], 8);
                    case Op.CMOV_M32 -> {
                        long value = mmu.load32(ea(b, w0, w1, ops[at + 2]));
                        RawMemory.putLong(d, Flags.holds(ops[at + 3], cpu.flagResult, cpu.flagAux) ? value : RawMemory.getInt(d) & LOW);
                    }
                    case Op.CMOV_M64 -> {
                        long value = mmu.load64(ea(b, w0, w1, ops[at + 2]));
                        RawMemory.putLong(d, Flags.holds(ops[at + 3], cpu.flagResult, cpu.flagAux) ? value : RawMemory.getLong(d));
                    }
                    case Op.CWD32 -> RawMemory.putLong(b + Block.RDX, RawMemory.getInt(b) >> 31 & LOW);
                    case Op.CWD64 -> RawMemory.putLong(b + Block.RDX, RawMemory.getLong(b) >> 63);
                    case Op.CBW32 -> RawMemory.putLong(b, RawMemory.getShort(b) & LOW);
                    case Op.CBW64 -> RawMemory.putLong(b, RawMemory.getInt(b));
                    case Op.NOP -> {}
                    case Op.SETCC -> RawMemory.putByte(d, (byte) (Flags.holds(ops[at + 3], cpu.flagResult, cpu.flagAux) ? 1 : 0));
                    case Op.CMOV32 -> RawMemory.putLong(d, RawMemory.getInt(Flags.holds(ops[at + 3], cpu.flagResult, cpu.flagAux) ? s : d) & LOW);
                    case Op.CMOV64 -> {
                        if (Flags.holds(ops[at + 3], cpu.flagResult, cpu.flagAux)) {
                            RawMemory.putLong(d, RawMemory.getLong(s));
                        }
                    }
                    case Op.JO -> {
                        if (Flags.isOverflow(cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JNO -> {
                        if (!Flags.isOverflow(cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JB -> {
                        if (cpu.flagAux < 0) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JAE -> {
                        if (cpu.flagAux >= 0) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JZ -> {
                        if (cpu.flagResult == 0) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JNZ -> {
                        if (cpu.flagResult != 0) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JBE -> {
                        if (cpu.flagAux < 0 || cpu.flagResult == 0) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JA -> {
                        if (cpu.flagAux >= 0 && cpu.flagResult != 0) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JS -> {
                        if (Flags.isSign(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JNS -> {
                        if (!Flags.isSign(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JP -> {
                        if (Flags.isParity(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JNP -> {
                        if (!Flags.isParity(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JL -> {
                        if (Flags.isLess(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JGE -> {
                        if (!Flags.isLess(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JLE -> {
                        if (cpu.flagResult == 0 || Flags.isLess(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    case Op.JG -> {
                        if (cpu.flagResult != 0 && !Flags.isLess(cpu.flagResult, cpu.flagAux)) {
                            at = branch(ops, at);
                            if (at < 0) {
                                return false;
                            }
                            continue;
                        }
                    }
                    default -> {
                        at = transfer(w0, at, d);
                        if (at < 0) {
                            return false;
                        }
                        continue;
                    }
                }
                at += CodePage.WORDS;
            }
        } catch (Fault fault) {
            count--;
            cpu.rip = rip(ops[at]);
            int op = ops[at] & Op.MASK;
            if (fault.vector() == Vector.GP && op != Op.GENERAL && op != Op.GENERAL_ENDS) {
                // An address that is not canonical: #SS if it was the stack's. Whoever knows the segment is to say.
                return true;
            }
            throw fault;
        } finally {
            cpu.instructions += count;
        }
    }

    /** Address of the memory operand. */
    private static long ea(long b, int w0, int w1, int displacement) {
        return RawMemory.getLong(b + (w1 >>> 16 & 0xFF)) + (RawMemory.getLong(b + (w1 >>> 24)) << (w0 >>> 28)) + displacement;
    }

    private long rip(int w0) {
        return ripBase + (w0 >>> 16 & 0xFFF) & ripMask;
    }

    /** Executes by a family; whether control goes on with what follows. */
    private boolean general(int w0, int index) {
        Instruction i = page.general[index];
        long rip = rip(w0);
        long next = rip + (w0 >>> 12 & 15) & ripMask;
        if (limited && (next - 1 & ripMask) > cpu.limit[Cpu.CS]) {
            throw cpu.gp();
        }
        cpu.rip = rip;
        cpu.nextRip = next;
        families[i.rowIndex()].execute(i);
        cpu.rip = cpu.nextRip;
        return cpu.nextRip == next;
    }

    private void push(long value) {
        long top = RawMemory.getLong(cpu.block + Block.RSP) - 8;
        mmu.store64(top, value);
        RawMemory.putLong(cpu.block + Block.RSP, top);
    }

    /** A branch that is taken: the place in this page where it leads; -1 if elsewhere, or if something wants attention. */
    private int branch(int[] ops, int at) {
        int to = ops[at + 2];
        if (cpu.attention.getOpaque() == 0) {
            int slot = ops[at + 3];
            if (slot == 0 && (to & ~0xFFF) == 0) {
                slot = page.slots[to];
                ops[at + 3] = slot;
            }
            if (slot != 0) {
                return (slot - 1) * CodePage.WORDS;
            }
        }
        cpu.rip = ripBase + to & ripMask;
        return -1;
    }

    /** As {@link #branch}, to an address that was computed. */
    private int go(long target) {
        long offset = target - ripBase;
        if ((offset & ~0xFFFL) == 0 && cpu.attention.getOpaque() == 0) {
            int slot = page.slots[(int) offset];
            if (slot != 0) {
                return (slot - 1) * CodePage.WORDS;
            }
        }
        cpu.rip = target;
        return -1;
    }

    private void checkCanonical(long target) {
        if (!mmu.isCanonical(target)) {
            throw cpu.gp();
        }
    }

    /** Jumps and calls without a condition: the next place, or -1. */
    private int transfer(int w0, int at, long d) {
        int[] ops = page.ops;
        switch (w0 & Op.MASK) {
            case Op.JMP -> {
                return branch(ops, at);
            }
            case Op.CALL -> {
                push(rip(w0) + (w0 >>> 12 & 15));
                return branch(ops, at);
            }
            case Op.RET -> {
                long top = RawMemory.getLong(cpu.block + Block.RSP);
                long target = mmu.load64(top);
                checkCanonical(target);
                RawMemory.putLong(cpu.block + Block.RSP, top + 8);
                return go(target);
            }
            case Op.JMP_R -> {
                long target = RawMemory.getLong(d);
                checkCanonical(target);
                return go(target);
            }
            case Op.CALL_R -> {
                long target = RawMemory.getLong(d);
                checkCanonical(target);
                push(rip(w0) + (w0 >>> 12 & 15));
                return go(target);
            }
            case Op.JMP_M -> {
                long target = mmu.load64(ea(cpu.block, w0, ops[at + 1], ops[at + 2]));
                checkCanonical(target);
                return go(target);
            }
            case Op.CALL_M -> {
                long target = mmu.load64(ea(cpu.block, w0, ops[at + 1], ops[at + 2]));
                checkCanonical(target);
                push(rip(w0) + (w0 >>> 12 & 15));
                return go(target);
            }
            default -> throw new IllegalStateException("operation " + (w0 & Op.MASK));
        }
    }
}
