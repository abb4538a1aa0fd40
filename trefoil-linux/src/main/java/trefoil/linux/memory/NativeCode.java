package trefoil.linux.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Calls of machine code that a test has written into {@link Pages}. What the code does is the caller's to answer for. */
@SuppressWarnings("restricted") // this module is the one with native access
public final class NativeCode {
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

    private NativeCode() {}

    /** Calls {@code void f(long)} of the platform's calling convention (System V ABI, AMD64 supplement, 3.2) at address {@code code}. */
    public static void call(long code, long argument) {
        try {
            CALL.invokeExact(MemorySegment.ofAddress(code), argument);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }
}
