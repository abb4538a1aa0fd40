package trefoil.pc.boot;

import java.util.ArrayList;
import java.util.List;

/**
 * Where RAM is on this board, and what the guest is told of the address space (the types are those of ACPI 6.5, 15.4, "E820"). RAM that does not fit below the PCI hole continues at 4 GiB.
 *
 * @param ram bytes of RAM, a multiple of 2 MiB
 */
public record PcMemoryMap(long ram) {
    /** A part of it. */
    public record Range(long start, long length, int type) {
        public long end() {
            return start + length;
        }
    }

    public static final int RAM = 1;
    public static final int RESERVED = 2;

    /** RAM of at most this size is all below the hole. */
    public static final long LOW_LIMIT = 0xB000_0000L;
    /** Where low RAM ends if there is more. */
    public static final long SPLIT = 0x8000_0000L;
    public static final long HIGH = 0x1_0000_0000L;
    public static final long ECAM = 0xB000_0000L;
    public static final long ECAM_LENGTH = 256L << 20;
    public static final long MMIO32 = 0xC000_0000L;
    public static final long MMIO32_END = 0xFC00_0000L;
    /** Where an extended BIOS data area would be. */
    public static final long EBDA = 0x9_FC00;
    /** The part of the BIOS's shadow that direct boots fill with tables: RSDP first. */
    public static final long TABLES = 0xE_0000;
    public static final long SMBIOS = 0xF_0000;
    public static final long MEBIBYTE = 0x10_0000;

    private static final long GRANULE = 2 << 20;
    private static final long KVM_PAGES = 0xFEFF_C000L;
    private static final long MMIO64_ALIGNMENT = 1L << 30;

    public PcMemoryMap {
        if (ram < 4 * GRANULE || ram % GRANULE != 0 || ram > 1L << 40) {
            throw new IllegalArgumentException(ram + " bytes of RAM: a multiple of 2 MiB, from 8 MiB to 1 TiB, is needed");
        }
    }

    /** First address behind the RAM below 4 GiB. */
    public long lowEnd() {
        return ram <= LOW_LIMIT ? ram : SPLIT;
    }

    /** First address behind all RAM. */
    public long end() {
        return ram <= LOW_LIMIT ? HIGH : HIGH + ram - SPLIT;
    }

    /** Where base addresses of 64 bits may go. */
    public long mmio64() {
        return end() + MMIO64_ALIGNMENT - 1 & -MMIO64_ALIGNMENT;
    }

    /** The RAM, to be backed by memory: one range, or two. The first includes the legacy hole below 1 MiB. */
    public List<Range> backed() {
        Range low = new Range(0, lowEnd(), RAM);
        return ram <= LOW_LIMIT ? List.of(low) : List.of(low, new Range(HIGH, ram - SPLIT, RAM));
    }

    /** What the guest is told, by address. */
    public List<Range> told() {
        List<Range> ranges = new ArrayList<>();
        ranges.add(new Range(0, EBDA, RAM));
        ranges.add(new Range(EBDA, 0xA_0000 - EBDA, RESERVED));
        ranges.add(new Range(TABLES, MEBIBYTE - TABLES, RESERVED));
        ranges.add(new Range(MEBIBYTE, lowEnd() - MEBIBYTE, RAM));
        ranges.add(new Range(ECAM, ECAM_LENGTH, RESERVED));
        ranges.add(new Range(KVM_PAGES, 0xFF00_0000L - KVM_PAGES, RESERVED));
        if (ram > LOW_LIMIT) {
            ranges.add(new Range(HIGH, ram - SPLIT, RAM));
        }
        return ranges;
    }
}
