package trefoil.pc.acpi;

import java.util.Set;
import trefoil.pc.boot.PcMemoryMap;

/**
 * What the tables say.
 *
 * @param processors how many; their APIC ids are 0 and up
 * @param mmio64Length bytes above all RAM for base addresses of 64 bits
 */
public record BoardFacts(int processors, PcMemoryMap memory, long mmio64Length, Set<Part> parts) {
    /** What a board may have or not. */
    public enum Part {
        /** Keyboard controller with keyboard and mouse. */
        PS2,
        /** The high-precision event timer. */
        HPET
    }

    public BoardFacts {
        parts = Set.copyOf(parts);
        if (processors < 1 || processors > 254) {
            throw new IllegalArgumentException(processors + " processors; 1 to 254 are possible");
        }
    }
}
