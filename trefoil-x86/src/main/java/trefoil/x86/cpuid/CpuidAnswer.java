package trefoil.x86.cpuid;

/** What CPUID leaves in its four registers. */
public record CpuidAnswer(int eax, int ebx, int ecx, int edx) {
    /** All zero: a leaf that has nothing. */
    public static final CpuidAnswer ZERO = new CpuidAnswer(0, 0, 0, 0);

    /** One of the four. */
    public int register(CpuidRegister register) {
        return switch (register) {
            case EAX -> eax;
            case EBX -> ebx;
            case ECX -> ecx;
            case EDX -> edx;
        };
    }

    CpuidAnswer with(CpuidRegister register, int bits) {
        return switch (register) {
            case EAX -> new CpuidAnswer(eax | bits, ebx, ecx, edx);
            case EBX -> new CpuidAnswer(eax, ebx | bits, ecx, edx);
            case ECX -> new CpuidAnswer(eax, ebx, ecx | bits, edx);
            case EDX -> new CpuidAnswer(eax, ebx, ecx, edx | bits);
        };
    }
}
