package trefoil.softcpu.x87;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.core.X87;
import trefoil.x86.register.FloatingPointControl;

/** An area of XSAVE in host memory, x87, SSE and AVX in standard form (Intel SDM Vol. 1, 13.4; table 13-1), and how a processor's registers get there and back. */
final class StateImage {
    static final int X87 = 1;
    static final int SSE = 2;
    static final int AVX = 4;

    static final int MXCSR = 24;
    static final int REGISTERS = 32;
    static final int XMM = 160;
    /** XSTATE_BV; XCOMP_BV follows. */
    static final int HEADER = 512;
    static final int YMM_HIGH = 576;
    static final int SIZE = 832;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    final byte[] octets = new byte[SIZE];
    private final Cpu cpu;

    StateImage(Cpu cpu) {
        this.cpu = cpu;
    }

    long getLong(int at) {
        return (long) LONG.get(octets, at);
    }

    int getInt(int at) {
        return (int) INT.get(octets, at);
    }

    int getShort(int at) {
        return (short) SHORT.get(octets, at) & 0xFFFF;
    }

    void putLong(int at, long value) {
        LONG.set(octets, at, value);
    }

    void putInt(int at, int value) {
        INT.set(octets, at, value);
    }

    void putShort(int at, int value) {
        SHORT.set(octets, at, (short) value);
    }

    // ---- x87 (Vol. 1, 13.5.1; 10.5.1) ----

    /** @param wide pointers of 64 bits without selectors: with REX.W */
    void packX87(boolean wide) {
        X87 x = cpu.x87;
        putShort(0, x.control);
        putShort(2, x.statusWord());
        putShort(4, x.valid);
        putShort(6, x.lastOpcode);
        putPointer(8, x.lastInstruction, x.lastInstructionSelector, wide);
        putPointer(16, x.lastOperand, x.lastOperandSelector, wide);
        for (int n = 0; n < 8; n++) {
            int physical = x.top + n & 7;
            putLong(REGISTERS + 16 * n, x.significand[physical]);
            putLong(REGISTERS + 16 * n + 8, x.signExponent[physical]);
        }
    }

    private void putPointer(int at, long offset, int selector, boolean wide) {
        putLong(at, wide ? offset : offset & 0xFFFF_FFFFL | (long) selector << 32);
    }

    /** The summary of exceptions and BUSY follow from flags and masks, whatever the image says. */
    void unpackX87(boolean wide) {
        X87 x = cpu.x87;
        x.control = Unit.controlWord(getShort(0));
        x.statusWord(getShort(2));
        Unit.summarize(x);
        x.valid = octets[4] & 0xFF;
        x.lastOpcode = getShort(6) & 0x7FF;
        x.lastInstruction = wide ? getLong(8) : getLong(8) & 0xFFFF_FFFFL;
        x.lastInstructionSelector = wide ? 0 : getShort(12);
        x.lastOperand = wide ? getLong(16) : getLong(16) & 0xFFFF_FFFFL;
        x.lastOperandSelector = wide ? 0 : getShort(20);
        for (int n = 0; n < 8; n++) {
            int physical = x.top + n & 7;
            x.significand[physical] = getLong(REGISTERS + 16 * n);
            x.signExponent[physical] = getShort(REGISTERS + 16 * n + 8);
        }
    }

    /** The initial configuration (Vol. 1, 13.6). */
    void initializeX87() {
        cpu.x87.initialize();
        Arrays.fill(cpu.x87.significand, 0);
        Arrays.fill(cpu.x87.signExponent, 0);
    }

    private boolean isX87InUse() {
        X87 x = cpu.x87;
        long any = x.control ^ FloatingPointControl.FCW_INIT | x.statusWord() | x.valid | x.lastOpcode | x.lastInstruction | x.lastOperand | x.lastInstructionSelector | x.lastOperandSelector;
        for (int n = 0; n < 8; n++) {
            any |= x.significand[n] | x.signExponent[n];
        }
        return any != 0;
    }

    // ---- SSE and AVX (13.5.2, 13.5.3): outside 64-bit mode registers 8 to 15 are neither stored nor touched ----

    void packMxcsr() {
        putInt(MXCSR, cpu.mxcsr);
        putInt(MXCSR + 4, FloatingPointControl.MXCSR_DEFINED);
    }

    /** Whether MXCSR in the image may be loaded. */
    boolean isMxcsrValid() {
        return (getInt(MXCSR) & ~FloatingPointControl.MXCSR_DEFINED) == 0;
    }

    void unpackMxcsr() {
        cpu.mxcsr = getInt(MXCSR);
    }

    /** Vector registers that the mode has. */
    int vectors() {
        return cpu.mode == Mode.LONG_64 ? 16 : 8;
    }

    /**
     * Registers of 16 octets to the image.
     *
     * @param at in the image
     * @param from in the block
     */
    void packVectors(int at, int from, int count) {
        for (int n = 0; n < 16 * count; n += 8) {
            putLong(at + n, RawMemory.getLong(cpu.block + from + n));
        }
    }

    void unpackVectors(int at, int to, int count) {
        for (int n = 0; n < 16 * count; n += 8) {
            RawMemory.putLong(cpu.block + to + n, getLong(at + n));
        }
    }

    void initializeVectors(int at, int count) {
        RawMemory.fill(cpu.block + at, 16 * count, (byte) 0);
    }

    private boolean isInUse(int at, int count) {
        long any = 0;
        for (int n = 0; n < 16 * count; n += 8) {
            any |= RawMemory.getLong(cpu.block + at + n);
        }
        return any != 0;
    }

    /** XINUSE of these components (13.6): those not in their initial configuration. MXCSR is not looked at. */
    long inUse(long components, int count) {
        return ((components & X87) != 0 && isX87InUse() ? X87 : 0)
                | ((components & SSE) != 0 && isInUse(Block.XMM, count) ? SSE : 0)
                | ((components & AVX) != 0 && isInUse(Block.YMM_HIGH, count) ? AVX : 0);
    }
}
