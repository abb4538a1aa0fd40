package trefoil.softcpu.oracle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Everything that an instruction of a program may read or change: before or after it. */
final class State {
    private static final VarHandle QUADS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Where memory begins, for both processors. */
    static final long MEMORY = 0x80_0000;

    static final int MEMORY_SIZE = 1 << 14;
    /** Size and places of an FXSAVE image (Intel SDM Vol. 1, table 10-2). */
    static final int FX_SIZE = 512;

    static final int FX_CONTROL = 0;
    static final int FX_STATUS = 2;
    static final int FX_TAGS = 4;
    static final int FX_MXCSR = 24;
    static final int FX_STACK = 32;
    static final int FX_XMM = 160;

    final long[] general = new long[16];
    long flags;
    /** x87, MXCSR and XMM0 to 15, as FXSAVE of 64 bits has them. */
    final byte[] fx = new byte[FX_SIZE];

    final byte[] memory = new byte[MEMORY_SIZE];
    /** Vector of the exception that ended the instruction, or -1. */
    int vector = -1;
    /** Whether a relative jump was taken to the place prepared for it. */
    boolean taken;

    void copy(State from) {
        System.arraycopy(from.general, 0, general, 0, 16);
        flags = from.flags;
        System.arraycopy(from.fx, 0, fx, 0, FX_SIZE);
        System.arraycopy(from.memory, 0, memory, 0, MEMORY_SIZE);
        vector = from.vector;
        taken = from.taken;
    }

    int half(int at) {
        return fx[at] & 0xFF | (fx[at + 1] & 0xFF) << 8;
    }

    void half(int at, int value) {
        fx[at] = (byte) value;
        fx[at + 1] = (byte) (value >> 8);
    }

    int word(int at) {
        return half(at) | half(at + 2) << 16;
    }

    void word(int at, int value) {
        half(at, value);
        half(at + 2, value >> 16);
    }

    long quad(int at) {
        return quad(at, fx);
    }

    void quad(int at, long value) {
        quad(at, value, fx);
    }

    static long quad(int at, byte[] from) {
        return (long) QUADS.get(from, at);
    }

    static void quad(int at, long value, byte[] into) {
        QUADS.set(into, at, value);
    }

    static int stack(int i) {
        return FX_STACK + 16 * i;
    }

    static int xmm(int i) {
        return FX_XMM + 16 * i;
    }

    /** Registers that are not 0, in hexadecimal. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("vector " + vector + (taken ? " taken" : "") + " flags " + Long.toHexString(flags) + " general");
        Arrays.stream(general).forEach(value -> text.append(' ').append(Long.toHexString(value)));
        text.append("\n    fcw %04x fsw %04x ftw %02x mxcsr %08x st".formatted(half(FX_CONTROL), half(FX_STATUS), fx[FX_TAGS], word(FX_MXCSR)));
        for (int i = 0; i < 8; i++) {
            text.append(" %04x:%016x".formatted(half(stack(i) + 8), quad(stack(i))));
        }
        text.append("\n    xmm");
        for (int i = 0; i < 16; i++) {
            text.append(" %016x%016x".formatted(quad(xmm(i) + 8), quad(xmm(i))));
        }
        return text.toString();
    }
}
