package trefoil.x86.cpuid;

/** Registers in which CPUID answers. */
public enum CpuidRegister {
    /** EAX. */
    EAX,
    /** EBX. */
    EBX,
    /** ECX. */
    ECX,
    /** EDX. */
    EDX
}
