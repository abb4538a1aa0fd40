package trefoil.x86.isa;

/** What the processor asks before it executes an instruction (Intel SDM Vol. 3, 5.9, 19.5 and the instruction's own page). */
public enum Privilege {
    /** Nothing. */
    NONE,
    /** CPL 0 (or real-address mode), else #GP(0). */
    CPL0,
    /** CPL &lt;= IOPL, or VME/PVI (Vol. 3, 21.3), else #GP(0). */
    IOPL,
    /** In virtual-8086 mode IOPL 3 or VME, else #GP(0) (Vol. 3, 21.2.7); free elsewhere. */
    IOPL_V86,
    /** CPL &lt;= IOPL, or the I/O permission bitmap of the TSS (Vol. 1, 19.5). */
    IO,
    /** CPL 0 or CR4.TSD = 0. */
    TSC,
    /** CPL 0 or CR4.PCE = 1. */
    PMC,
    /** CPL 0 or CR4.UMIP = 0. */
    UMIP
}
