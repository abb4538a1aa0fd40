package trefoil.softcpu.core;

import trefoil.x86.exception.Vector;

/**
 * The guest's instruction cannot be completed: an exception is to be delivered to the guest. One per processor, filled anew each time, without a stack trace: {@code throw cpu.fault(...)}. Whoever throws has
 * left the processor as it was before the instruction, but for what the manual says of partial execution (strings).
 */
public final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Vector vector;
    private int errorCode;

    Fault() {
        super(null, null, false, false);
    }

    Fault of(Vector raised, int code) {
        vector = raised;
        errorCode = code;
        return this;
    }

    public Vector vector() {
        return vector;
    }

    /** The error code, if {@link #vector} has one. */
    public int errorCode() {
        return errorCode;
    }

    @Override
    public String getMessage() {
        return "#" + vector + "(" + Integer.toHexString(errorCode) + ")";
    }
}
