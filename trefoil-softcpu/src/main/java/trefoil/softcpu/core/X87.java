package trefoil.softcpu.core;

import java.util.Arrays;
import trefoil.x86.register.FloatingPointControl;

/** The registers of the x87, which MMX shares (Intel SDM Vol. 1, 8.1 and 9.2.1). By physical number: ST(i) is number {@code top + i & 7}, MMi is number i. */
public final class X87 {
    /** Significands: all of an MMX register. */
    public final long[] significand = new long[8];
    /** Sign and exponent, 16 bits. */
    public final int[] signExponent = new int[8];
    /** Control word. */
    public int control = FloatingPointControl.FCW_RESET;
    /** Status word without TOP. */
    public int status;
    /** Top of stack, 0 to 7. */
    public int top;
    /** One bit per physical register: set if it is not empty. */
    public int valid;
    /** Opcode of the last instruction that was not control, 11 bits. */
    public int lastOpcode;
    /** Its address: offset (64 bits) and selector. */
    public long lastInstruction;
    public int lastInstructionSelector;
    /** Its operand in memory. */
    public long lastOperand;
    public int lastOperandSelector;

    /** As after power-up (Vol. 3, table 9-1). */
    public void powerUp() {
        initialize();
        Arrays.fill(significand, 0);
        Arrays.fill(signExponent, 0);
        control = FloatingPointControl.FCW_RESET;
        valid = 0xFF;
    }

    /** FNINIT: registers keep their values. */
    public void initialize() {
        control = FloatingPointControl.FCW_INIT;
        status = 0;
        top = 0;
        valid = 0;
        lastOpcode = 0;
        lastInstruction = 0;
        lastInstructionSelector = 0;
        lastOperand = 0;
        lastOperandSelector = 0;
    }

    /** The status word with TOP. */
    public int statusWord() {
        return status | top << FloatingPointControl.FSW_TOP_SHIFT;
    }

    /** Sets the status word with TOP. */
    public void statusWord(int word) {
        status = word & ~(7 << FloatingPointControl.FSW_TOP_SHIFT) & 0xFFFF;
        top = word >> FloatingPointControl.FSW_TOP_SHIFT & 7;
    }
}
