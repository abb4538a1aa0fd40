package trefoil.engine;

import trefoil.machine.Mmio;

/** A page of registers that only one processor reaches: those of its local APIC. It hides memory that is there too. Called by the vCPU's thread. */
public interface LocalPage extends Mmio {
    /** Physical address of the page now; -1 if it is nowhere. */
    long address();
}
