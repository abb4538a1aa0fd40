package trefoil.softcpu.x87;

import trefoil.softcpu.core.X87;
import trefoil.x86.register.FloatingPointControl;

/** Control and status word as they are kept. */
final class Unit {
    private static final int CONTROL_DEFINED = 0x1F3F;

    private Unit() {}

    /** What a control word reads as once it is loaded: bit 6 is always 1, other reserved bits 0 (Intel SDM Vol. 1, 8.1.5). */
    static int controlWord(int word) {
        return word & CONTROL_DEFINED | FloatingPointControl.FCW_RESET;
    }

    /** ES and B say whether an exception is noted that is not masked (8.1.3.3). */
    static void summarize(X87 x) {
        boolean pending = (x.status & ~x.control & FloatingPointControl.EXCEPTIONS) != 0;
        int summary = FloatingPointControl.FSW_ES | FloatingPointControl.FSW_B;
        x.status = pending ? x.status | summary : x.status & ~summary;
    }
}
