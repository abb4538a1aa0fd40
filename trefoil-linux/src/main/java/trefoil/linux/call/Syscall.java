package trefoil.linux.call;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import trefoil.linux.ErrnoException;

/**
 * {@code syscall(2)}: the single downcall through which all of Trefoil enters the kernel. Thread-safe; a call blocks its
 * (carrier) thread for as long as the kernel does.
 */
@SuppressWarnings("restricted") // this module is the one with native access
public final class Syscall {
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = link();

    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private Syscall() {}

    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    /** Calls the kernel and returns what it returned, or the negated error number (−4095…−1). */
    public static long raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5) {
        MemorySegment state = STATE.get();
        try {
            long result = (long) SYSCALL.invokeExact(state, nr, a0, a1, a2, a3, a4, a5);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }

    /** As {@link #raw}, with the arguments not given zero. */
    public static long raw(long nr, long a0, long a1, long a2) {
        return raw(nr, a0, a1, a2, 0, 0, 0);
    }

    /** Calls the kernel, again while {@code EINTR}, and returns its non-negative result. */
    public static long call(String name, long nr, long a0, long a1, long a2, long a3, long a4, long a5)
            throws ErrnoException {
        long result;
        do {
            result = raw(nr, a0, a1, a2, a3, a4, a5);
        } while (result == -4 /* EINTR */);
        if (result < 0 && result > -4096) {
            throw new ErrnoException(name, (int) -result);
        }
        return result;
    }

    /** As {@link #call}, with the arguments not given zero. */
    public static long call(String name, long nr, long a0, long a1, long a2) throws ErrnoException {
        return call(name, nr, a0, a1, a2, 0, 0, 0);
    }
}
