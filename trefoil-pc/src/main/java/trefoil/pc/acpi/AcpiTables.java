package trefoil.pc.acpi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.boot.PcMemoryMap;
import trefoil.pc.interrupt.IoApic;
import trefoil.pc.interrupt.LocalApic;
import trefoil.pc.power.AcpiPm;
import trefoil.pc.power.ResetControl;
import trefoil.pc.timer.Hpet;
import trefoil.pc.timer.Rtc146818;

/**
 * The board's ACPI tables (ACPI 6.5, chapter 5; HPET: IA-PC HPET Specification 1.0a, 3.2.4; MCFG: PCI Firmware Specification 3.0, 4.1.2), laid out from {@link PcMemoryMap#TABLES} on, the root pointer first.
 */
public final class AcpiTables {
    /** Where the power-management ports are (PMBASE). */
    public static final int POWER_BASE = 0x600;
    public static final int SCI = 9;

    private static final String OEM = "TREFOI";
    private static final String OEM_TABLE = "TREFOIL";
    private static final int HEADER = 36;
    private static final int RSDP_LENGTH = 36;
    private static final int FACS_OFFSET = 0x40;
    private static final int FACS_LENGTH = 64;
    private static final long ROOM = 0x1_0000;

    private static final int WBINVD = 1;
    private static final int PROC_C1 = 1 << 2;
    private static final int NO_SLEEP_BUTTON = 1 << 5;
    private static final int NO_FIXED_RTC = 1 << 6;
    private static final int RESET_REG_SUP = 1 << 10;
    private static final int LEGACY_DEVICES = 1;
    private static final int HAS_8042 = 2;

    private static final int MEMORY_SPACE = 0;
    private static final int IO_SPACE = 1;

    private final BoardFacts facts;
    private final Map<String, byte[]> tables = new LinkedHashMap<>();
    private final Bytes out = new Bytes();

    private AcpiTables(BoardFacts facts) {
        this.facts = facts;
    }

    /** All of them. */
    public static AcpiTables of(BoardFacts facts) {
        AcpiTables built = new AcpiTables(facts);
        built.build();
        return built;
    }

    /** Tables by signature, as they are in memory. */
    public Map<String, byte[]> tables() {
        return java.util.Collections.unmodifiableMap(tables);
    }

    /** Everything, to be put at {@link PcMemoryMap#TABLES}. */
    public byte[] toArray() {
        return out.toArray();
    }

    /** Writes them into the guest's memory; the root pointer's address. */
    public long write(GuestMemory memory) throws GuestMemoryFault {
        byte[] bytes = toArray();
        memory.write(PcMemoryMap.TABLES, bytes, 0, bytes.length);
        return PcMemoryMap.TABLES;
    }

    private void build() {
        out.put(new byte[FACS_OFFSET]).put(facs());
        long dsdt = add("DSDT", 2, new Dsdt(facts).toAml());
        List<Long> listed = new ArrayList<>();
        listed.add(add("FACP", 6, fadt(PcMemoryMap.TABLES + FACS_OFFSET, dsdt)));
        listed.add(add("APIC", 5, madt()));
        if (facts.parts().contains(BoardFacts.Part.HPET)) {
            listed.add(add("HPET", 1, hpet()));
        }
        listed.add(add("MCFG", 1, new Bytes().put(8, 0, PcMemoryMap.ECAM).put(2, 0).octet(0).octet(255).put(4, 0).toArray()));
        long[] addresses = listed.stream().mapToLong(Long::longValue).toArray();
        long rsdt = add("RSDT", 1, new Bytes().put(4, addresses).toArray());
        long xsdt = add("XSDT", 1, new Bytes().put(8, addresses).toArray());
        if (out.length() > ROOM) {
            throw new IllegalArgumentException("ACPI tables of " + out.length() + " bytes: too many processors");
        }
        byte[] all = out.toArray();
        System.arraycopy(rsdp(rsdt, xsdt), 0, all, 0, RSDP_LENGTH);
        replaceAll(all);
    }

    private void replaceAll(byte[] all) {
        tables.put("RSDP", java.util.Arrays.copyOf(all, RSDP_LENGTH));
        tables.put("FACS", java.util.Arrays.copyOfRange(all, FACS_OFFSET, FACS_OFFSET + FACS_LENGTH));
        out.replace(all);
    }

    /** Adds a table; its address. */
    private long add(String signature, int revision, byte[] body) {
        Bytes table = new Bytes()
                .text(signature, 4, ' ')
                .put(4, HEADER + body.length)
                .octet(revision)
                .octet(0)
                .text(OEM, 6, ' ')
                .text(OEM_TABLE, 8, ' ')
                .put(4, 1)
                .text("TRFL", 4, ' ')
                .put(4, 1)
                .put(body);
        byte[] bytes = table.toArray();
        bytes[9] = Bytes.checksum(bytes, 0, bytes.length);
        out.align(16);
        long address = PcMemoryMap.TABLES + out.length();
        out.put(bytes);
        tables.put(signature, bytes);
        return address;
    }

    private static byte[] rsdp(long rsdt, long xsdt) {
        byte[] bytes = new Bytes().text("RSD PTR ", 8, ' ').octet(0).text(OEM, 6, ' ').octet(2).put(4, rsdt, RSDP_LENGTH).put(8, xsdt).put(4, 0).toArray();
        bytes[8] = Bytes.checksum(bytes, 0, 20);
        bytes[32] = Bytes.checksum(bytes, 0, RSDP_LENGTH);
        return bytes;
    }

    private static byte[] facs() {
        return new Bytes().text("FACS", 4, ' ').put(4, FACS_LENGTH, 0, 0, 0, 0).put(8, 0).octet(2).put(new byte[31]).toArray();
    }

    /** Generic address structure (5.2.3.2). */
    private static byte[] address(int space, int bits, int accessBytes, long address) {
        int access = accessBytes == 0 ? 0 : Integer.numberOfTrailingZeros(accessBytes) + 1;
        return new Bytes().octet(space).octet(bits).octet(0).octet(access).put(8, address).toArray();
    }

    private static byte[] port(int bits, int accessBytes, int offset) {
        return address(IO_SPACE, bits, accessBytes, POWER_BASE + offset);
    }

    /** Fixed ACPI description table (5.2.9), always in ACPI mode: no SMI command. */
    private byte[] fadt(long facs, long dsdt) {
        byte[] none = new byte[12];
        boolean ps2 = facts.parts().contains(BoardFacts.Part.PS2);
        Bytes fadt = new Bytes().put(4, facs, dsdt).octet(0).octet(4).put(2, SCI).put(4, 0).put(4, 0);
        fadt.put(4, POWER_BASE + AcpiPm.PM1_EVENT, 0, POWER_BASE + AcpiPm.PM1_CONTROL, 0, 0, POWER_BASE + AcpiPm.TIMER, POWER_BASE + AcpiPm.GPE0, 0);
        fadt.octet(4).octet(2).octet(0).octet(4).octet(AcpiPm.GPE0_LENGTH).octet(0).octet(0).octet(0);
        fadt.put(2, 0xFFF, 0xFFF, 0, 0).octet(0).octet(0).octet(0).octet(0).octet(Rtc146818.CENTURY);
        fadt.put(2, LEGACY_DEVICES | (ps2 ? HAS_8042 : 0)).octet(0);
        fadt.put(4, WBINVD | PROC_C1 | NO_SLEEP_BUTTON | NO_FIXED_RTC | RESET_REG_SUP);
        fadt.put(address(IO_SPACE, 8, 1, ResetControl.PORT)).octet(ResetControl.RESET_VALUE).put(2, 0).octet(5);
        fadt.put(8, 0, dsdt).put(port(32, 2, AcpiPm.PM1_EVENT)).put(none).put(port(16, 2, AcpiPm.PM1_CONTROL)).put(none).put(none);
        fadt.put(port(32, 4, AcpiPm.TIMER)).put(port(8 * AcpiPm.GPE0_LENGTH, 1, AcpiPm.GPE0)).put(none).put(none).put(none);
        return fadt.text("TREFOIL", 8, '\0').toArray();
    }

    /** Multiple APIC description table (5.2.12). */
    private byte[] madt() {
        Bytes madt = new Bytes().put(4, LocalApic.DEFAULT_ADDRESS, 1);
        for (int i = 0; i < facts.processors(); i++) {
            madt.octet(0).octet(8).octet(i).octet(i).put(4, 1);
        }
        madt.octet(1).octet(12).octet(0).octet(0).put(4, IoApic.ADDRESS, 0);
        madt.octet(2).octet(10).octet(0).octet(0).put(4, 2).put(2, 0); // IRQ0 is input 2
        madt.octet(2).octet(10).octet(0).octet(SCI).put(4, SCI).put(2, 0xD); // level-triggered, active high
        madt.octet(4).octet(6).octet(0xFF).put(2, 0).octet(1); // LINT1 of all is NMI
        return madt.toArray();
    }

    private static byte[] hpet() {
        return new Bytes().put(4, Hpet.ID).put(address(MEMORY_SPACE, 64, 0, Hpet.ADDRESS)).octet(0).put(2, 0x80).octet(0).toArray();
    }
}
