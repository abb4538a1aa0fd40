package trefoil.pc.acpi;

import static trefoil.pc.acpi.Aml.buffer;
import static trefoil.pc.acpi.Aml.device;
import static trefoil.pc.acpi.Aml.eisaId;
import static trefoil.pc.acpi.Aml.integer;
import static trefoil.pc.acpi.Aml.list;
import static trefoil.pc.acpi.Aml.name;
import static trefoil.pc.acpi.Aml.scope;
import static trefoil.pc.acpi.Aml.string;

import java.util.ArrayList;
import java.util.List;
import trefoil.pc.boot.PcMemoryMap;
import trefoil.pc.power.AcpiPm;
import trefoil.pci.LpcBridge;
import trefoil.pci.PciRoot;
import trefoil.pci.PirqRouter;

/**
 * The devices that cannot be found by looking: the PCI root with its windows and the wiring of its interrupt pins, what lies behind LPC, the processors, and how to switch off.
 *
 * <p>Interrupt pins are routed to inputs of the I/O APIC alone: a system that runs with the 8259As finds their interrupts in the configuration spaces.
 */
final class Dsdt {
    private static final int WRITABLE = 1;
    private static final int CACHEABLE = 2;

    private final BoardFacts facts;

    Dsdt(BoardFacts facts) {
        this.facts = facts;
    }

    byte[] toAml() {
        List<byte[]> system = new ArrayList<>();
        system.add(pciRoot());
        system.add(device("MRES", name("_HID", eisaId("PNP0C02")), name("_UID", integer(0)), resources(new ResourceTemplate().fixedMemory(PcMemoryMap.ECAM, PcMemoryMap.ECAM_LENGTH))));
        for (int i = 0; i < facts.processors(); i++) {
            system.add(device("C%03X".formatted(i), name("_HID", string("ACPI0007")), name("_UID", integer(i))));
        }
        byte[] off = name("_S5", list(integer(AcpiPm.SOFT_OFF), integer(AcpiPm.SOFT_OFF), integer(0), integer(0)));
        return new Bytes().put(scope("\\_SB", system.toArray(byte[][]::new))).put(off).toArray();
    }

    private static byte[] resources(ResourceTemplate template) {
        return name("_CRS", buffer(template.toArray()));
    }

    private byte[] pciRoot() {
        long high = facts.memory().mmio64();
        ResourceTemplate windows = new ResourceTemplate()
                .busNumbers(0, 255)
                .io(PciRoot.CONFIG_ADDRESS, 8)
                .window16(0, 0xCF7)
                .window16(0xD00, 0xFFFF)
                .window32(0xA_0000, 0xB_FFFF, WRITABLE | CACHEABLE)
                .window32(PcMemoryMap.MMIO32, PcMemoryMap.MMIO32_END - 1, WRITABLE)
                .window64(high, high + facts.mmio64Length() - 1, WRITABLE);
        return device(
                "PCI0",
                name("_HID", eisaId("PNP0A08")),
                name("_CID", eisaId("PNP0A03")),
                name("_UID", integer(0)),
                name("_SEG", integer(0)),
                name("_BBN", integer(0)),
                resources(windows),
                name("_PRT", routing()),
                lpc());
    }

    /** For each slot and pin: address, pin, no link device, input of the I/O APIC. */
    private static byte[] routing() {
        List<byte[]> routes = new ArrayList<>();
        for (int slot = 0; slot < PciRoot.SLOTS; slot++) {
            for (int pin = 1; pin <= 4; pin++) {
                routes.add(list(integer((long) slot << 16 | 0xFFFF), integer(pin - 1), integer(0), integer(PirqRouter.FIRST_GSI + PirqRouter.pirq(slot, pin))));
            }
        }
        return list(routes.toArray(byte[][]::new));
    }

    private byte[] lpc() {
        List<byte[]> terms = new ArrayList<>();
        terms.add(name("_ADR", integer((long) LpcBridge.SLOT << 16)));
        terms.add(device("COM1", name("_HID", eisaId("PNP0501")), name("_UID", integer(1)), resources(new ResourceTemplate().io(0x3F8, 8).irq(4))));
        terms.add(device("RTC", name("_HID", eisaId("PNP0B00")), resources(new ResourceTemplate().io(0x70, 8).irq(8))));
        if (facts.parts().contains(BoardFacts.Part.PS2)) {
            terms.add(device("KBD", name("_HID", eisaId("PNP0303")), resources(new ResourceTemplate().io(0x60, 1).io(0x64, 1).irq(1))));
            terms.add(device("MOU", name("_HID", eisaId("PNP0F13")), resources(new ResourceTemplate().irq(12))));
        }
        return device("LPC", terms.toArray(byte[][]::new));
    }
}
