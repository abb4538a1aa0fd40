package trefoil.softcpu.interpret;

import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.Operand;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Trait;

/** Chooses an operation of the {@link HotLoop} for a decoded instruction, and packs its operands; {@link Op#GENERAL} for what the loop leaves to the families. */
final class Packer {
    private static final int RR = 0;
    private static final int RI = 1;
    private static final int RM = 2;
    private static final int MR = 3;
    private static final int MI = 4;
    private static final int NONE = -1;

    int w0;
    int w1;
    int w2;
    int w3;

    /** Packs an instruction at an offset in its page. What is {@link Op#GENERAL} has its index put into {@link #w3} by the caller. */
    void pack(Instruction i, CodeSize codeSize, int offset) {
        w1 = 0;
        w2 = 0;
        w3 = 0;
        boolean plain = codeSize == CodeSize.BITS64 && !i.lock() && i.addressSize() == 8;
        int op = plain ? choose(i, offset) : Op.GENERAL;
        if (op == Op.GENERAL) {
            Operation operation = i.operation();
            boolean ends = operation.flow().endsBlock() || operation.has(Trait.SEGMENT) || operation.has(Trait.SHADOW);
            op = ends ? Op.GENERAL_ENDS : Op.GENERAL;
            w0 = 0;
        }
        w0 = w0 & 3 << 28 | op | i.length() << 12 | offset << 16;
    }

    private int choose(Instruction i, int offset) {
        w0 = 0;
        return switch (i.operation()) {
            case ADD -> arithmetic(i, offset, 0);
            case OR -> isOctets(i) ? octets(i, offset, Op.OR_RR8, Op.GENERAL) : arithmetic(i, offset, 1);
            case ADC -> arithmetic(i, offset, 2);
            case SBB -> arithmetic(i, offset, 3);
            case AND -> isOctets(i) ? octets(i, offset, Op.GENERAL, Op.AND_RI8) : arithmetic(i, offset, 4);
            case SUB -> arithmetic(i, offset, 5);
            case XOR -> isOctets(i) ? octets(i, offset, Op.XOR_RR8, Op.GENERAL) : arithmetic(i, offset, 6);
            case CMP -> isOctets(i) ? compareOctets(i, offset) : arithmetic(i, offset, 7);
            case TEST -> isOctets(i) ? testOctets(i, offset) : arithmetic(i, offset, 8);
            case MOV -> move(i, offset);
            case MOVZX -> extend(i, offset, Op.MOVZX_RR8, Op.MOVZX_RR16, Op.MOVZX_RM8, Op.MOVZX_RM16);
            case MOVSX -> i.operandSize() == 8
                    ? extend(i, offset, Op.MOVSX_RR8_64, Op.MOVSX_RR16_64, Op.MOVSX_RM8_64, Op.MOVSX_RM16_64)
                    : extend(i, offset, Op.MOVSX_RR8_32, Op.MOVSX_RR16_32, Op.MOVSX_RM8_32, Op.MOVSX_RM16_32);
            case MOVSXD -> i.operandSize() == 8 ? extend(i, offset, NONE, Op.MOVSX_RR32_64, NONE, Op.MOVSX_RM32_64) : Op.GENERAL;
            case LEA -> !memory(i, offset) || i.segment() != Instruction.NONE ? Op.GENERAL : bySize(i, Op.LEA32, Op.LEA64, destination(i.reg()));
            case INC -> i.registerForm() ? unary(i, Op.INC32, Op.INC64) : step(i, offset, HotAlu.INC);
            case DEC -> i.registerForm() ? unary(i, Op.DEC32, Op.DEC64) : step(i, offset, HotAlu.DEC);
            case NEG -> unary(i, Op.NEG32, Op.NEG64);
            case NOT -> unary(i, Op.NOT32, Op.NOT64);
            case SHL -> shift(i, Op.SHL_I32, Op.SHL_I64, Op.SHL_CL32, Op.SHL_CL64);
            case SHR -> shift(i, Op.SHR_I32, Op.SHR_I64, Op.SHR_CL32, Op.SHR_CL64);
            case SAR -> shift(i, Op.SAR_I32, Op.SAR_I64, Op.SAR_CL32, Op.SAR_CL64);
            case IMUL -> i.row().operands().size() == 2 && i.registerForm() ? bySize(i, Op.IMUL_RR32, Op.IMUL_RR64, destination(i.reg()) | source(i.rm())) : Op.GENERAL;
            case CWD -> bySize(i, Op.CWD32, Op.CWD64, 0);
            case CBW -> bySize(i, Op.CBW32, Op.CBW64, 0);
            case CMOVCC -> conditionalMove(i, offset);
            case SETCC -> setByCondition(i);
            case PUSH -> push(i);
            case POP -> i.operandSize() == 8 && i.row().uses(Addressing.Z) ? with(Op.POP_R, destination(i.rm())) : Op.GENERAL;
            case NOP, ENDBR64, PREFETCHNTA, PREFETCHT0, PREFETCHT1, PREFETCHT2 -> Op.NOP;
            default -> transfer(i, offset);
        };
    }

    private int transfer(Instruction i, int offset) {
        Operand first = i.row().operands().isEmpty() ? null : i.row().operands().getFirst();
        boolean relative = first != null && first.addressing() == Addressing.J;
        switch (i.operation()) {
            case JCC -> {
                return target(i, offset, Op.JO + (i.opcode() & 15));
            }
            case JMP -> {
                return relative ? target(i, offset, Op.JMP) : i.registerForm() ? with(Op.JMP_R, destination(i.rm())) : memory(i, offset) ? Op.JMP_M : Op.GENERAL;
            }
            case CALL -> {
                return relative ? target(i, offset, Op.CALL) : i.registerForm() ? with(Op.CALL_R, destination(i.rm())) : memory(i, offset) ? Op.CALL_M : Op.GENERAL;
            }
            case RET -> {
                return first == null ? Op.RET : Op.GENERAL;
            }
            default -> {
                return Op.GENERAL;
            }
        }
    }

    private int target(Instruction i, int offset, int op) {
        long to = offset + i.length() + i.immediate();
        w2 = (int) to;
        return to == w2 ? op : Op.GENERAL;
    }

    private int with(int op, int registers) {
        w1 |= registers;
        return op;
    }

    private static int destination(int register) {
        return 8 * register;
    }

    private static int source(int register) {
        return 8 * register << 8;
    }

    private int bySize(Instruction i, int op32, int op64, int registers) {
        w1 |= registers;
        return i.operandSize() == 8 ? op64 : i.operandSize() == 4 ? op32 : Op.GENERAL;
    }

    private static boolean isOctets(Instruction i) {
        Operand first = i.row().operands().getFirst();
        return first.memoryType().size(8, 16) == 1;
    }

    /** How an instruction of two operands has them: which of {@link #RR} ... {@link #MI}; packs what is in registers and memory, octets by their own offsets. */
    private int form(Instruction i, int offset, int size) {
        Operand first = i.row().operands().get(0);
        Operand second = i.row().operands().get(1);
        boolean immediate = second.addressing() == Addressing.I;
        if (first.addressing() == Addressing.GPR) {
            w3 = (int) i.immediate();
            return immediate ? RI : NONE;
        }
        if (first.addressing() == Addressing.G) {
            w1 |= Operands.regRegister(i, size);
            if (i.registerForm()) {
                w1 |= Operands.rmRegister(i, size) << 8;
                return RR;
            }
            return memory(i, offset) ? RM : NONE;
        }
        if (first.addressing() != Addressing.E) {
            return NONE;
        }
        w3 = immediate ? (int) i.immediate() : 0;
        if (i.registerForm()) {
            w1 |= Operands.rmRegister(i, size) | (immediate ? 0 : Operands.regRegister(i, size) << 8);
            return immediate ? RI : RR;
        }
        w1 |= immediate ? 0 : Operands.regRegister(i, size) << 8;
        return !memory(i, offset) ? NONE : immediate ? MI : MR;
    }

    /** Packs the memory operand; whether it can be: three parts must do, the base of FS or GS being one. */
    private boolean memory(Instruction i, int offset) {
        int base = i.base() == Instruction.NONE ? Block.ZERO : 8 * i.base();
        int index = i.index() == Instruction.NONE ? Block.ZERO : 8 * i.index();
        long displacement = i.displacement();
        if (i.base() == Instruction.RIP) {
            base = Block.PAGE_BASE;
            displacement += offset + i.length();
        }
        if (i.segment() >= Cpu.FS) {
            int segment = Block.EFFECTIVE_BASE + 8 * i.segment();
            if (base == Block.ZERO) {
                base = segment;
            } else if (index == Block.ZERO) {
                index = segment;
            } else {
                return false;
            }
        }
        w1 |= base << 16 | index << 24;
        w2 = (int) displacement;
        w0 = (i.index() == Instruction.NONE ? 0 : i.scale()) << 28;
        return displacement == w2;
    }

    /** ADD to TEST, by their number in the order of {@link Op}: three forms of 32 bits each, then those of 64. */
    private int arithmetic(Instruction i, int offset, int number) {
        int size = i.operandSize();
        if (size == 2 || isOctets(i)) {
            return Op.GENERAL;
        }
        int form = form(i, offset, size);
        if (form == MR || form == MI) {
            return inMemory(number, form, size);
        }
        return form == NONE ? Op.GENERAL : (size == 8 ? Op.ADD_RR64 : Op.ADD_RR32) + 3 * number + form;
    }

    private int inMemory(int number, int form, int size) {
        if (number == 7) {
            return form == MR ? size == 8 ? Op.CMP_MR64 : Op.CMP_MR32 : size == 8 ? Op.CMP_MI64 : Op.CMP_MI32;
        }
        if (number == 8) {
            return form == MR ? size == 8 ? Op.TEST_MR64 : Op.TEST_MR32 : size == 8 ? Op.TEST_MI64 : Op.TEST_MI32;
        }
        w1 |= number;
        return form == MR ? size == 8 ? Op.ALU_MR64 : Op.ALU_MR32 : size == 8 ? Op.ALU_MI64 : Op.ALU_MI32;
    }

    private int octets(Instruction i, int offset, int rr, int ri) {
        int form = form(i, offset, 1);
        return form == RR ? rr : form == RI ? ri : Op.GENERAL;
    }

    private int compareOctets(Instruction i, int offset) {
        return switch (form(i, offset, 1)) {
            case RR -> Op.CMP_RR8;
            case RI -> Op.CMP_RI8;
            case RM -> Op.CMP_RM8;
            case MR -> Op.CMP_MR8;
            case MI -> Op.CMP_MI8;
            default -> Op.GENERAL;
        };
    }

    private int testOctets(Instruction i, int offset) {
        return switch (form(i, offset, 1)) {
            case RR -> Op.TEST_RR8;
            case RI -> Op.TEST_RI8;
            case MI -> Op.TEST_MI8;
            default -> Op.GENERAL;
        };
    }

    private int move(Instruction i, int offset) {
        Operand first = i.row().operands().get(0);
        if (first.addressing() == Addressing.Z) {
            return moveImmediate(i);
        }
        int size = isOctets(i) ? 1 : i.operandSize();
        int form = form(i, offset, size);
        return switch (form) {
            case RR -> size == 8 ? Op.MOV_RR64 : size == 4 ? Op.MOV_RR32 : size == 1 ? Op.MOV_RR8 : Op.GENERAL;
            case RI -> size == 8 ? wide(i.immediate()) : size == 4 ? Op.MOV_RI32 : Op.GENERAL;
            case RM -> size == 8 ? Op.MOV_RM64 : size == 4 ? Op.MOV_RM32 : size == 2 ? Op.MOV_RM16 : Op.MOV_RM8;
            case MR -> size == 8 ? Op.MOV_MR64 : size == 4 ? Op.MOV_MR32 : size == 2 ? Op.MOV_MR16 : Op.MOV_MR8;
            case MI -> size == 8 ? Op.MOV_MI64 : size == 4 ? Op.MOV_MI32 : size == 2 ? Op.MOV_MI16 : Op.MOV_MI8;
            default -> Op.GENERAL;
        };
    }

    private int moveImmediate(Instruction i) {
        if (isOctets(i) || i.operandSize() == 2) {
            return Op.GENERAL;
        }
        w1 = destination(i.rm());
        w3 = (int) i.immediate();
        return i.operandSize() == 8 ? wide(i.immediate()) : Op.MOV_RI32;
    }

    private int wide(long immediate) {
        w2 = (int) immediate;
        w3 = (int) (immediate >>> 32);
        return Op.MOV_RI64;
    }

    /** MOVZX and MOVSX: the destination is never an octet or, here, a word. */
    private int extend(Instruction i, int offset, int rr8, int rr16, int rm8, int rm16) {
        if (i.operandSize() == 2) {
            return Op.GENERAL;
        }
        boolean octet = i.row().operands().get(1).memoryType().size(8, 16) == 1;
        w1 = destination(i.reg());
        if (i.registerForm()) {
            w1 |= Operands.rmRegister(i, octet ? 1 : 8) << 8;
            return octet ? rr8 : rr16;
        }
        return !memory(i, offset) ? Op.GENERAL : octet ? rm8 : rm16;
    }

    private int unary(Instruction i, int op32, int op64) {
        return !i.registerForm() || isOctets(i) ? Op.GENERAL : bySize(i, op32, op64, destination(i.rm()));
    }

    /** INC and DEC of memory. */
    private int step(Instruction i, int offset, int number) {
        if (i.operandSize() == 2 || isOctets(i) || !memory(i, offset)) {
            return Op.GENERAL;
        }
        return bySize(i, Op.ALU_MI32, Op.ALU_MI64, number);
    }

    private int shift(Instruction i, int op32, int op64, int byCount32, int byCount64) {
        Operand count = i.row().operands().get(1);
        if (!i.registerForm() || isOctets(i)) {
            return Op.GENERAL;
        }
        if (count.addressing() == Addressing.GPR) {
            return bySize(i, byCount32, byCount64, destination(i.rm()));
        }
        int n = (count.addressing() == Addressing.CONSTANT ? 1 : (int) i.immediate()) & (i.operandSize() == 8 ? 63 : 31);
        w3 = n;
        return n == 0 ? Op.GENERAL : bySize(i, op32, op64, destination(i.rm()));
    }

    private int conditionalMove(Instruction i, int offset) {
        w3 = i.opcode() & 15;
        if (i.registerForm()) {
            return bySize(i, Op.CMOV32, Op.CMOV64, destination(i.reg()) | source(i.rm()));
        }
        return memory(i, offset) ? bySize(i, Op.CMOV_M32, Op.CMOV_M64, destination(i.reg())) : Op.GENERAL;
    }

    private int setByCondition(Instruction i) {
        w3 = i.opcode() & 15;
        return i.registerForm() ? with(Op.SETCC, Operands.rmRegister(i, 1)) : Op.GENERAL;
    }

    private int push(Instruction i) {
        if (i.operandSize() != 8) {
            return Op.GENERAL;
        }
        if (i.row().uses(Addressing.Z)) {
            return with(Op.PUSH_R, source(i.rm()));
        }
        w3 = (int) i.immediate();
        return i.row().uses(Addressing.I) ? Op.PUSH_I : Op.GENERAL;
    }
}
