package trefoil.machine;

import jdk.internal.misc.Unsafe;

/**
 * Memory at a host address, unchecked: what a software processor's loads, stores and locked operations become. Little-endian, as the host is.
 *
 * <p><b>Safety invariant.</b> Nothing is checked here; a wrong address ends the process or corrupts it. A caller may pass only an address that
 * {@link GuestMemory#readableHost} or {@link GuestMemory#writableHost} gave for a page, plus an offset that keeps the whole access within
 * this page, and only while the machine holds that memory and its map of regions has not changed since ({@link MemoryListener#remapped}).
 * Software TLBs keep it: an addend enters one only from those two methods, an access that crosses a page never matches a tag, and {@code remapped} and the
 * end of the machine empty them before memory is given back. (Memory that the caller has allocated for itself, a TLB, say, follows its own bounds.)
 *
 * <p>The atomic operations are naturally aligned; plain accesses, {@code Acquire} and {@code Release} need not be. These last order memory as x86-TSO asks for and cost nothing beyond the plain ones on x86 hosts, but stop the
 * compiler from moving them, and are one access of the host's wherever they lie: a plain one that is not aligned may become several. Thread-safe in this sense.
 */
public final class RawMemory {
    private static final Unsafe UNSAFE = Unsafe.getUnsafe();

    private RawMemory() {}

    public static byte getByte(long address) {
        return UNSAFE.getByte(address);
    }

    public static short getShort(long address) {
        return UNSAFE.getShortUnaligned(null, address);
    }

    public static int getInt(long address) {
        return UNSAFE.getIntUnaligned(null, address);
    }

    public static long getLong(long address) {
        return UNSAFE.getLongUnaligned(null, address);
    }

    public static void putByte(long address, byte value) {
        UNSAFE.putByte(address, value);
    }

    public static void putShort(long address, short value) {
        UNSAFE.putShortUnaligned(null, address, value);
    }

    public static void putInt(long address, int value) {
        UNSAFE.putIntUnaligned(null, address, value);
    }

    public static void putLong(long address, long value) {
        UNSAFE.putLongUnaligned(null, address, value);
    }

    public static byte getByteAcquire(long address) {
        return UNSAFE.getByteAcquire(null, address);
    }

    public static short getShortAcquire(long address) {
        return UNSAFE.getShortAcquire(null, address);
    }

    public static int getIntAcquire(long address) {
        return UNSAFE.getIntAcquire(null, address);
    }

    public static long getLongAcquire(long address) {
        return UNSAFE.getLongAcquire(null, address);
    }

    public static void putByteRelease(long address, byte value) {
        UNSAFE.putByteRelease(null, address, value);
    }

    public static void putShortRelease(long address, short value) {
        UNSAFE.putShortRelease(null, address, value);
    }

    public static void putIntRelease(long address, int value) {
        UNSAFE.putIntRelease(null, address, value);
    }

    public static void putLongRelease(long address, long value) {
        UNSAFE.putLongRelease(null, address, value);
    }

    /** Stores {@code value} if {@code expected} is there; returns what was there. A full fence, as are all below. */
    public static byte compareAndExchangeByte(long address, byte expected, byte value) {
        return UNSAFE.compareAndExchangeByte(null, address, expected, value);
    }

    public static short compareAndExchangeShort(long address, short expected, short value) {
        return UNSAFE.compareAndExchangeShort(null, address, expected, value);
    }

    public static int compareAndExchangeInt(long address, int expected, int value) {
        return UNSAFE.compareAndExchangeInt(null, address, expected, value);
    }

    public static long compareAndExchangeLong(long address, long expected, long value) {
        return UNSAFE.compareAndExchangeLong(null, address, expected, value);
    }

    /** Stores {@code value} if {@code expected} is there, and says whether it did. */
    public static boolean compareAndSetByte(long address, byte expected, byte value) {
        return UNSAFE.compareAndSetByte(null, address, expected, value);
    }

    public static boolean compareAndSetShort(long address, short expected, short value) {
        return UNSAFE.compareAndSetShort(null, address, expected, value);
    }

    public static boolean compareAndSetInt(long address, int expected, int value) {
        return UNSAFE.compareAndSetInt(null, address, expected, value);
    }

    public static boolean compareAndSetLong(long address, long expected, long value) {
        return UNSAFE.compareAndSetLong(null, address, expected, value);
    }

    /** Adds; returns what was there before. */
    public static byte getAndAddByte(long address, byte delta) {
        return UNSAFE.getAndAddByte(null, address, delta);
    }

    public static short getAndAddShort(long address, short delta) {
        return UNSAFE.getAndAddShort(null, address, delta);
    }

    public static int getAndAddInt(long address, int delta) {
        return UNSAFE.getAndAddInt(null, address, delta);
    }

    public static long getAndAddLong(long address, long delta) {
        return UNSAFE.getAndAddLong(null, address, delta);
    }

    /** Stores; returns what was there before. */
    public static byte getAndSetByte(long address, byte value) {
        return UNSAFE.getAndSetByte(null, address, value);
    }

    public static short getAndSetShort(long address, short value) {
        return UNSAFE.getAndSetShort(null, address, value);
    }

    public static int getAndSetInt(long address, int value) {
        return UNSAFE.getAndSetInt(null, address, value);
    }

    public static long getAndSetLong(long address, long value) {
        return UNSAFE.getAndSetLong(null, address, value);
    }

    /** Copies as {@code memmove} does: the two may overlap. */
    public static void copy(long from, long to, long length) {
        UNSAFE.copyMemory(from, to, length);
    }

    /** Fills with one byte. */
    public static void fill(long address, long length, byte value) {
        UNSAFE.setMemory(address, length, value);
    }

    /** MFENCE. */
    public static void fullFence() {
        UNSAFE.fullFence();
    }
}
