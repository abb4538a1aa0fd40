package trefoil.softcpu.oracle;

import java.util.SplittableRandom;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;
import trefoil.x86.encode.EncodingSampler;
import trefoil.x86.isa.Addressing;
import trefoil.x86.isa.ImmediateForm;
import trefoil.x86.isa.Operation;
import trefoil.x86.isa.Row;
import trefoil.x86.register.Rflags;

/** Makes a random instruction of a row and a random state in which it reaches no memory but {@link State#memory}. */
final class Generator {
    private static final long TARGETS = State.MEMORY + 4096;
    private static final int TARGETS_SIZE = 8192;
    private static final long LOWEST = State.MEMORY + 1024;
    private static final long HIGHEST = State.MEMORY + State.MEMORY_SIZE - 2048;
    /** Canonical, in the upper half, and never mapped for programs. */
    private static final long KERNEL = 0xFFFF_9000_0000_0000L;

    private static final long SLACK = 1 << 20;
    private static final int RSP = 4;
    private static final int RBP = 5;
    private static final int RSI = 6;
    private static final int RDI = 7;
    private static final int MOST_REPEATS = 40;

    private final Decoder decoder = new Decoder();
    final Instruction instruction = new Instruction();
    final State state = new State();
    byte[] octets = {};
    private SplittableRandom random = new SplittableRandom();

    /** Makes case {@code number} of {@code seed}; answers whether there is one: else no encoding or state was found that keeps to its memory. */
    boolean make(Row row, long seed, long number) {
        random = new SplittableRandom(seed * 0x9E37_79B9_7F4A_7C15L + number);
        for (int attempt = 0; attempt < 12; attempt++) {
            if (attempt(row)) {
                return true;
            }
        }
        return false;
    }

    private boolean attempt(Row row) {
        octets = new EncodingSampler(random).sample(row, CodeSize.BITS64);
        if (!decodes(row) || instruction.segment() == 4 || instruction.segment() == 5) {
            return false;
        }
        registers();
        vectors();
        x87();
        memory();
        patch(row);
        if (!decodes(row)) {
            return false;
        }
        aim(row);
        return confined(row);
    }

    private boolean decodes(Row row) {
        return octets.length <= 15 && decoder.decode(CodeSize.BITS64, octets, 0, octets.length, instruction) == Outcome.DECODED && instruction.row() == row && instruction.length() == octets.length;
    }

    // ---- state ----

    private void registers() {
        for (int n = 0; n < 16; n++) {
            state.general[n] = Values.integer(random);
        }
        state.general[RSP] = random.nextInt(64) == 0 ? nowhere() : target();
        int status = random.nextInt() & Rflags.STATUS;
        state.flags = Rflags.ALWAYS | Rflags.IF | status | (random.nextInt(4) == 0 ? Rflags.DF : 0);
    }

    private void vectors() {
        for (int i = 0; i < 32; i++) {
            state.quad(State.FX_XMM + 8 * i, Values.lane(random));
        }
        int masks = random.nextInt(8) == 0 ? random.nextInt(64) : 63;
        int mxcsr = masks << 7 | random.nextInt(4) << 13 | (random.nextInt(4) == 0 ? 1 << 15 : 0) | (random.nextInt(4) == 0 ? 1 << 6 : 0) | (random.nextInt(4) == 0 ? random.nextInt(64) : 0);
        state.word(State.FX_MXCSR, mxcsr);
    }

    private void x87() {
        int masks = random.nextInt(8) == 0 ? random.nextInt(64) : 63;
        int precision = random.nextInt(4) == 0 ? new int[] {0, 2}[random.nextInt(2)] : 3;
        state.half(State.FX_CONTROL, 0x40 | masks | precision << 8 | random.nextInt(4) << 10);
        int flags = random.nextInt(4) == 0 ? random.nextInt(64) & masks : 0;
        if (random.nextInt(32) == 0 && masks != 63) {
            flags = ~masks & 63 | 0x8080; // an exception waits: ES and B
        }
        int conditions = random.nextInt(4) == 0 ? random.nextInt() & 0x4700 : 0;
        state.half(State.FX_STATUS, flags | conditions | random.nextInt(8) << 11);
        state.fx[State.FX_TAGS] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(4) == 0 ? 0 : 0xFF);
        for (int i = 0; i < 8; i++) {
            Values.extended(random, state, State.stack(i));
        }
    }

    private void memory() {
        boolean same = random.nextInt(8) == 0;
        long word = Values.lane(random);
        for (int i = 0; i < State.MEMORY_SIZE; i += 8) {
            word = same ? word : i % 256 == 0 ? Values.lane(random) : word * 0x5851_F42D_4C95_7F2DL + 0x1405_7B7E_F767_814FL;
            State.quad(i, word, state.memory);
        }
        for (int i = 0; i < 16; i++) {
            State.quad(4096 + random.nextInt(TARGETS_SIZE / 64) * 64, Values.lane(random), state.memory);
        }
    }

    // ---- octets ----

    /** Displacements of 32 bits become small, addresses and targets what they must be. */
    private void patch(Row row) {
        int at = octets.length - immediateSize(row);
        if (row.uses(Addressing.O)) {
            put(at, octets.length - at, target());
        } else if (row.uses(Addressing.J)) {
            put(at, octets.length - at, NativeStub.LANDING);
        } else if (row.immediate() == ImmediateForm.IW_IB) {
            octets[at + 1] &= 3;
        }
        if (instruction.displacementSize() == 4) {
            long displacement = instruction.base() == Instruction.RIP ? target() - NativeStub.CODE - octets.length : noRegister() ? target() : random.nextInt(-2048, 2048);
            put(at - 4, 4, displacement);
        }
    }

    private boolean noRegister() {
        return instruction.base() == Instruction.NONE && instruction.index() == Instruction.NONE;
    }

    private void put(int at, int size, long value) {
        for (int i = 0; i < size; i++) {
            octets[at + i] = (byte) (value >> 8 * i);
        }
    }

    private int immediateSize(Row row) {
        int operandSize = instruction.operandSize();
        return switch (row.immediate()) {
            case NONE -> 0;
            case IB, SIGNED_IB, JB -> 1;
            case IW -> 2;
            case IW_IB -> 3;
            case IZ -> Math.min(operandSize, 4);
            case JZ -> instruction.operandSizePrefix() ? 2 : 4;
            case IV -> operandSize;
            case AP -> operandSize + 2;
            case O -> instruction.addressSize();
        };
    }

    // ---- addresses ----

    private long target() {
        long at = TARGETS + random.nextInt(TARGETS_SIZE);
        return random.nextInt(8) == 0 ? at : at & -64;
    }

    /** An address far from canonical ones (#GP or #SS), or one of the kernel's (#PF): neither processor reaches anything. */
    private long nowhere() {
        long low = random.nextInt() & 0xFFFF_FFC0L;
        return random.nextBoolean() ? random.nextLong(1, 0x7000) << 48 | low : KERNEL + low;
    }

    private long targetOrNowhere() {
        return random.nextInt(32) == 0 ? nowhere() : target();
    }

    private static boolean isNowhere(long address) {
        boolean kernel = address >= KERNEL - SLACK && address <= KERNEL + 0xFFFF_FFFFL + SLACK;
        long top = address >>> 47;
        boolean between = top > 1 && top < 0x1FFFE && (address - SLACK) >>> 47 > 0 && (address + SLACK) >>> 47 < 0x1FFFF;
        return kernel || between;
    }

    private void aim(Row row) {
        aimOperand();
        aimImplicit(row);
        long landing = NativeStub.CODE + octets.length + NativeStub.LANDING;
        switch (row.operation()) {
            case BT, BTS, BTR, BTC -> bitOffset(row);
            case RET -> atStack(landing);
            case POPF -> atStack(state.flags ^ random.nextInt() & (Rflags.STATUS | Rflags.DF));
            case JMP, CALL -> {
                if (row.uses(Addressing.E)) {
                    pointTo(landing);
                }
            }
            case CMPXCHG, CMPXCHG8B, CMPXCHG16B -> meet();
            default -> {
                // nothing more
            }
        }
    }

    private void aimOperand() {
        if (!hasMemoryOperand() || instruction.base() == Instruction.RIP || noRegister()) {
            return;
        }
        int base = instruction.base();
        int index = instruction.index();
        long wanted = target() - instruction.displacement();
        if (base == index) {
            state.general[base] = wanted / (1 + (1 << instruction.scale()));
        } else if (base == Instruction.NONE) {
            state.general[index] = wanted >> instruction.scale();
        } else {
            if (index != Instruction.NONE) {
                state.general[index] = random.nextInt(-64, 64);
                wanted -= state.general[index] << instruction.scale();
            }
            state.general[base] = wanted;
        }
        if (instruction.addressSize() == 8 && base >= 0 && base != index && base != RSP && random.nextInt(32) == 0) {
            state.general[base] = nowhere();
        }
        if (instruction.addressSize() == 4 && base != RSP && base >= 0 && base != index) {
            state.general[base] = state.general[base] & 0xFFFF_FFFFL | random.nextLong() << 32;
        }
    }

    private boolean hasMemoryOperand() {
        if (!instruction.row().hasModrm() || instruction.registerForm() || instruction.row().ignoresMod()) {
            return false;
        }
        return instruction.rm() == Instruction.NONE;
    }

    private void aimImplicit(Row row) {
        switch (row.operation()) {
            case MOVS, CMPS, STOS, LODS, SCAS -> {
                state.general[RSI] = targetOrNowhere();
                // Which of two faults comes first is the model's own.
                state.general[RDI] = isNowhere(state.general[RSI]) ? target() : targetOrNowhere();
                if (instruction.repeat() != 0) {
                    state.general[1] = random.nextInt(MOST_REPEATS);
                }
            }
            case XLAT -> state.general[3] = targetOrNowhere();
            case MASKMOVQ, MASKMOVDQU -> state.general[RDI] = target();
            case ENTER, LEAVE -> state.general[RBP] = targetOrNowhere();
            default -> {
                // no implicit address but the stack's
            }
        }
    }

    private void bitOffset(Row row) {
        if (hasMemoryOperand() && row.uses(Addressing.G) && instruction.reg() != instruction.base() && instruction.reg() != instruction.index()) {
            long offset = random.nextInt(-4096, 4096);
            state.general[instruction.reg()] = instruction.operandSize() == 8 ? offset : offset & (1L << 8 * instruction.operandSize()) - 1;
        }
    }

    private void atStack(long value) {
        long top = state.general[RSP] - State.MEMORY;
        if (top >= 0 && top < State.MEMORY_SIZE - 8) {
            State.quad((int) top, value, state.memory);
        }
    }

    private void pointTo(long landing) {
        if (!hasMemoryOperand()) {
            state.general[instruction.rm()] = landing;
        } else if (confined(address(), 8)) {
            State.quad((int) (address() - State.MEMORY), landing, state.memory);
        }
    }

    /** Every other time the comparison succeeds. */
    private void meet() {
        if (!hasMemoryOperand() || !confined(address(), 16) || random.nextBoolean()) {
            return;
        }
        int at = (int) (address() - State.MEMORY);
        State.quad(at, state.general[0], state.memory);
        if (instruction.operation() == Operation.CMPXCHG16B) {
            State.quad(at + 8, state.general[2], state.memory);
        } else if (instruction.operation() == Operation.CMPXCHG8B) {
            State.quad(at, state.general[0] & 0xFFFF_FFFFL | state.general[2] << 32, state.memory);
        }
    }

    // ---- the proof that nothing else is reached ----

    private boolean confined(Row row) {
        boolean operand = !hasMemoryOperand() || row.operation() == Operation.LEA || harmless(bitAddress(row));
        boolean stack = harmless(state.general[RSP]);
        boolean jump = !row.uses(Addressing.J) && !(row.operation() == Operation.RET) && !(row.operation() == Operation.JMP) && !(row.operation() == Operation.CALL) || !instruction.operandSizePrefix() && lands(row);
        return operand && stack && jump && implicitConfined(row);
    }

    private boolean lands(Row row) {
        long landing = NativeStub.CODE + octets.length + NativeStub.LANDING;
        if (row.uses(Addressing.J)) {
            return instruction.target(NativeStub.CODE) == landing;
        }
        if (row.operation() == Operation.RET && isNowhere(state.general[RSP]) || hasMemoryOperand() && isNowhere(address())) {
            return true;
        }
        long at = row.operation() == Operation.RET ? state.general[RSP] : address();
        if (row.operation() != Operation.RET && !hasMemoryOperand()) {
            return state.general[instruction.rm()] == landing;
        }
        return confined(at, 8) && State.quad((int) (at - State.MEMORY), state.memory) == landing;
    }

    private boolean implicitConfined(Row row) {
        return switch (row.operation()) {
            case MOVS, CMPS, STOS, LODS, SCAS -> harmless(cut(state.general[RSI])) && harmless(cut(state.general[RDI])) && (instruction.repeat() == 0 || state.general[1] < MOST_REPEATS);
            case XLAT -> harmless(cut(state.general[3]));
            case MASKMOVQ, MASKMOVDQU -> confined(state.general[RDI], 16);
            case ENTER, LEAVE -> harmless(state.general[RBP]);
            default -> true;
        };
    }

    private static boolean confined(long address, int size) {
        return address >= LOWEST && address + size <= HIGHEST;
    }

    private static boolean harmless(long address) {
        return confined(address, 512) || isNowhere(address);
    }

    private long bitAddress(Row row) {
        boolean bits = switch (row.operation()) {
            case BT, BTS, BTR, BTC -> row.uses(Addressing.G);
            default -> false;
        };
        if (!bits) {
            return address();
        }
        long offset = state.general[instruction.reg()];
        long signed = instruction.operandSize() == 2 ? (short) offset : instruction.operandSize() == 4 ? (int) offset : offset;
        return cut(address() + (signed >> 3));
    }

    /** The memory operand's address. */
    long address() {
        long base = instruction.base() == Instruction.NONE ? 0 : instruction.base() == Instruction.RIP ? NativeStub.CODE + octets.length : state.general[instruction.base()];
        long index = instruction.index() == Instruction.NONE ? 0 : state.general[instruction.index()] << instruction.scale();
        return cut(base + index + instruction.displacement());
    }

    private long cut(long address) {
        return instruction.addressSize() == 4 ? address & 0xFFFF_FFFFL : address;
    }
}
