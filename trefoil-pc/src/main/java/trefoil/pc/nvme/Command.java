package trefoil.pc.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A submission queue entry (NVMe 1.4, 4.2). Numbers are as in memory, to be taken as unsigned. {@code flags}: FUSE in bits 1:0, PSDT in 7:6. */
record Command(int opcode, int flags, int id, int namespace, long prp1, long prp2, int dw10, int dw11, int dw12, int dw13) {
    static final int LENGTH = 64;
    static final int ALL_NAMESPACES = -1;

    private static final int FUSE_OR_SGL = 0xC3;

    static Command of(byte[] entry) {
        ByteBuffer at = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
        return new Command(
                entry[0] & 0xFF, entry[1] & 0xFF, at.getShort(2) & 0xFFFF, at.getInt(4), at.getLong(24), at.getLong(32), at.getInt(40), at.getInt(44), at.getInt(48), at.getInt(52));
    }

    /** Neither fused operations nor scatter gather lists are offered. */
    void checkFlags() throws CommandFault {
        CommandFault.unless((flags & FUSE_OR_SGL) == 0, Status.INVALID_FIELD);
    }

    /** DW10 and DW11: a first logical block. */
    long block() {
        return dw10 & 0xFFFF_FFFFL | (long) dw11 << 32;
    }
}
