package trefoil.engine;

/** Answers VMCALL and VMMCALL, by KVM's convention: number in RAX, arguments in RBX, RCX, RDX, RSI; the result goes into RAX. */
public interface Hypercalls {
    /** The number is not known. */
    long ENOSYS = -1000;

    /** Knows none. */
    Hypercalls NONE = (number, a, b, c, d) -> ENOSYS;

    long call(long number, long a, long b, long c, long d);
}
