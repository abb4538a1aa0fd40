package trefoil.x86.state;

import java.util.List;
import java.util.Map;

/**
 * All of a processor.
 *
 * @param general RAX RCX RDX RBX RSP RBP RSI RDI R8 to R15
 * @param segments ES CS SS DS FS GS LDTR TR
 * @param debug DR0 to DR3, DR6, DR7
 * @param xsave x87, XMM, MXCSR and YMM as XSAVE stores them in standard form (Vol. 1, 13.4), 832 octets
 * @param msrs values by number, those of the local APIC not among them
 * @param interruptShadow after STI or a load of SS: interrupts are held off for one instruction
 * @param nmiBlocked since an NMI was delivered, until IRET
 */
public record CpuState(
        List<Long> general,
        long rip,
        long rflags,
        List<SegmentState> segments,
        TableState gdtr,
        TableState idtr,
        long cr0,
        long cr2,
        long cr3,
        long cr4,
        long efer,
        long xcr0,
        List<Long> debug,
        byte[] xsave,
        Map<Integer, Long> msrs,
        Activity activity,
        boolean interruptShadow,
        boolean nmiBlocked) {
    /** Octets of {@link #xsave}. */
    public static final int XSAVE_SIZE = 832;
}
