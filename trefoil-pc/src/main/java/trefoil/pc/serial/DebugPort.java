package trefoil.pc.serial;

import trefoil.machine.CharBackend;
import trefoil.pc.ByteRegisters;

/** The debug console at port 0x402 that SeaBIOS and OVMF look for: each byte written is output, and a read gives 0xE9, which says that it is there. Thread-safe as its backend is. */
public final class DebugPort implements ByteRegisters {
    public static final int PORT = 0x402;

    private static final int PRESENT = 0xE9;

    private final CharBackend backend;

    public DebugPort(CharBackend backend) {
        this.backend = backend;
    }

    @Override
    public int read(int offset) {
        return PRESENT;
    }

    @Override
    public void write(int offset, int value) {
        backend.write(new byte[] {(byte) value}, 0, 1);
    }
}
