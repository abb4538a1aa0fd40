package trefoil.softcpu.mmu;

import java.util.function.LongUnaryOperator;
import trefoil.machine.RawMemory;

/**
 * Changes a place in memory in one step for all processors (Intel SDM Vol. 3, 9.1.2): what lies within eight aligned octets of RAM by the host's compare and exchange, which is a full fence too; what crosses them, registers of devices,
 * ROM and what is watched by breakpoints by being alone for the time.
 */
final class LockedUpdate {
    private static final int WORD = 8;

    private final Mmu mmu;
    private final CodePages code;
    private final Exclusion.Member member;

    LockedUpdate(Mmu mmu, CodePages code, Exclusion.Member member) {
        this.mmu = mmu;
        this.code = code;
        this.member = member;
    }

    /** @param change may be asked more than once */
    void apply(long a, int size, LongUnaryOperator change) {
        mmu.probeWrite(a, size);
        long host = (a & WORD - 1) + size <= WORD ? mmu.lockable(a, size) : 0;
        if (host == 0) {
            alone(() -> mmu.store(a, size, change.applyAsLong(mmu.load(a, size))));
            return;
        }
        exchange(host, size, change);
        long physical = mmu.lockedCode();
        if (physical >= 0) {
            code.written(physical, size);
        }
    }

    /** Does something that may fault, while no other processor is within an instruction. */
    void alone(Runnable what) {
        member.begin();
        try {
            what.run();
        } finally {
            member.end();
        }
    }

    private static void exchange(long host, int size, LongUnaryOperator change) {
        boolean done;
        if ((host & size - 1) == 0) {
            do {
                long before = load(host, size);
                done = exchange(host, size, before, change.applyAsLong(before));
            } while (!done);
            return;
        }
        long word = host & -WORD;
        int shift = (int) (host - word) * 8;
        long mask = -1L >>> 64 - 8 * size;
        do {
            long before = RawMemory.getLongAcquire(word);
            long after = change.applyAsLong(before >>> shift & mask) & mask;
            done = RawMemory.compareAndSetLong(word, before, before & ~(mask << shift) | after << shift);
        } while (!done);
    }

    private static long load(long host, int size) {
        return switch (size) {
            case 1 -> RawMemory.getByteAcquire(host) & 0xFFL;
            case 2 -> RawMemory.getShortAcquire(host) & 0xFFFFL;
            case 4 -> RawMemory.getIntAcquire(host) & 0xFFFF_FFFFL;
            default -> RawMemory.getLongAcquire(host);
        };
    }

    private static boolean exchange(long host, int size, long before, long after) {
        return switch (size) {
            case 1 -> RawMemory.compareAndSetByte(host, (byte) before, (byte) after);
            case 2 -> RawMemory.compareAndSetShort(host, (short) before, (short) after);
            case 4 -> RawMemory.compareAndSetInt(host, (int) before, (int) after);
            default -> RawMemory.compareAndSetLong(host, before, after);
        };
    }
}
