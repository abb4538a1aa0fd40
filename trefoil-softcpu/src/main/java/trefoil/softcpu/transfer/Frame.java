package trefoil.softcpu.transfer;

import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.x86.exception.SelectorErrorCode;
import trefoil.x86.exception.Vector;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.state.SegmentState;

/**
 * What is going to be pushed on a stack, that of now or that of an inner level. First all is collected, then {@link #probe} raises what pushing would, then {@link #store} cannot fail any more. One per processor, filled
 * again by each use.
 */
final class Frame {
    private static final int MOST = 48;
    private static final int INNER = 2;

    private final Cpu cpu;
    private final Mmu mmu;
    private final long[] values = new long[MOST];
    private int count;
    private int size;
    private int level;
    private int errorCode;
    private boolean wide;
    private long base;
    private long limit;
    private int attributes;
    private long mask;
    private long top;

    Frame(Cpu cpu, Mmu mmu) {
        this.cpu = cpu;
        this.mmu = mmu;
    }

    /** On the stack of now, in items of {@code octets}. */
    Frame here(int octets) {
        on(0, cpu.base[Cpu.SS], cpu.limit[Cpu.SS], cpu.attributes[Cpu.SS]);
        wide = cpu.mode == Mode.LONG_64;
        mask = cpu.stackMask;
        return start(octets, cpu.general(4), cpu.cpl);
    }

    /** On another stack, of a descriptor that has been checked. */
    Frame at(int selector, long descriptor, long pointer, int octets, int privilege) {
        on(SelectorErrorCode.ofSelector(selector, false), Descriptor.base(descriptor), Descriptor.limit(descriptor), SegmentState.attributes(descriptor));
        mask = (attributes & Cpu.ATTRIBUTE_DB) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
        return start(octets, pointer, privilege);
    }

    /** On another stack of 64-bit mode. */
    Frame at(long pointer, int privilege) {
        on(0, 0, 0, 0);
        wide = true;
        mask = -1;
        return start(8, pointer, privilege);
    }

    private void on(int code, long newBase, long newLimit, int newAttributes) {
        wide = false;
        errorCode = code;
        base = newBase;
        limit = newLimit;
        attributes = newAttributes;
    }

    private Frame start(int octets, long pointer, int privilege) {
        count = 0;
        size = octets;
        top = pointer & mask;
        level = privilege;
        return this;
    }

    Frame push(long value) {
        values[count++] = value;
        return this;
    }

    /** Raises what pushing would: #SS, #PF. Nothing is stored. */
    void probe() {
        for (int i = 0; i < count; i++) {
            long linear = linear(i);
            if (level <= INNER) {
                mmu.systemProbeWrite(linear, size);
            } else {
                mmu.probeWrite(linear, size);
            }
        }
    }

    private long offset(int item) {
        return top - (long) size * (item + 1) & mask;
    }

    private long linear(int item) {
        long offset = offset(item);
        if (wide ? !mmu.isCanonical(offset) || !mmu.isCanonical(offset + size - 1) : !isInside(offset)) {
            throw cpu.fault(Vector.SS, errorCode);
        }
        return wide ? offset : base + offset & 0xFFFF_FFFFL;
    }

    private boolean isInside(long offset) {
        long last = offset + size - 1;
        if ((attributes & Descriptor.EXPAND_DOWN) != 0) {
            return offset > limit && last <= mask;
        }
        return last <= limit || limit == 0xFFFF_FFFFL;
    }

    /** Stores all. @return the new stack pointer */
    long store() {
        for (int i = 0; i < count; i++) {
            if (level <= INNER) {
                mmu.systemStore(linear(i), size, values[i]);
            } else {
                mmu.store(linear(i), size, values[i]);
            }
        }
        return top - (long) size * count & mask;
    }

    /** Sets as much of RSP as this stack's size counts. */
    void pointer(long value) {
        pointer(cpu, mask, value);
    }

    /** Sets as much of RSP as {@code mask} has of it. */
    static void pointer(Cpu cpu, long mask, long value) {
        cpu.write(Block.RSP, mask == 0xFFFF ? 2 : mask == -1 ? 8 : 4, value);
    }
}
