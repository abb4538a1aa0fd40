package trefoil.x86.cpuid;

/**
 * State of the processor that CPUID shows.
 *
 * @param osxsave CR4.OSXSAVE
 * @param apicEnabled IA32_APIC_BASE.EN
 * @param xcr0 XCR0
 * @param xss IA32_XSS
 */
public record CpuidState(boolean osxsave, boolean apicEnabled, long xcr0, long xss) {
    /** After reset. */
    public static final CpuidState RESET = new CpuidState(false, true, 1, 0);
}
