package trefoil.pc.acpi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.boot.PcMemoryMap;

/** SMBIOS structures (DMTF DSP0134, 2.8.0) with a 32-bit entry point, at {@link PcMemoryMap#SMBIOS}: types 0, 1, 3, 4, 16, 17, 19, 32 and 127. */
public final class Smbios {
    /** What a server says of itself. None may be empty. */
    public record Identity(String vendor, String product, String version, String serial, UUID uuid, String processor) {}

    private static final int ENTRY_LENGTH = 0x1F;
    private static final int ENTRY_ROOM = 0x20;
    private static final int OTHER = 1;
    private static final int UNKNOWN = 2;
    private static final int SAFE = 3;
    private static final int ARRAY_HANDLE = 0x1000;
    private static final int NO_ERROR_INFORMATION = 0xFFFE;
    private static final int LARGEST_IN_WORD = 0x7FFF;
    private static final long KIB = 1024;
    private static final long MIB = KIB * KIB;
    private static final long TWO_TIB_IN_KIB = 0x8000_0000L;

    private final Bytes table = new Bytes();
    private int structures;
    private int largest;

    private Smbios() {}

    /** Entry point and structures, to be put at {@link PcMemoryMap#SMBIOS}. */
    public static byte[] of(Identity identity, int processors, PcMemoryMap memory) {
        Smbios smbios = new Smbios();
        smbios.describe(identity, processors, memory);
        byte[] structures = smbios.table.toArray();
        return new Bytes().put(smbios.entryPoint(structures.length)).octet(0).put(structures).toArray();
    }

    /** Writes them into the guest's memory. */
    public static void write(GuestMemory memory, byte[] bytes) throws GuestMemoryFault {
        memory.write(PcMemoryMap.SMBIOS, bytes, 0, bytes.length);
    }

    private byte[] entryPoint(int length) {
        byte[] entry = new Bytes()
                .text("_SM_", 4, ' ')
                .octet(0)
                .octet(ENTRY_LENGTH)
                .octet(2)
                .octet(8)
                .put(2, largest)
                .put(new byte[6])
                .text("_DMI_", 5, ' ')
                .octet(0)
                .put(2, length)
                .put(4, PcMemoryMap.SMBIOS + ENTRY_ROOM)
                .put(2, structures)
                .octet(0x28)
                .toArray();
        entry[0x15] = Bytes.checksum(entry, 0x10, ENTRY_LENGTH);
        entry[4] = Bytes.checksum(entry, 0, ENTRY_LENGTH);
        return entry;
    }

    private void describe(Identity identity, int processors, PcMemoryMap memory) {
        add(0, 0, new Bytes().octet(1).octet(2).put(2, 0xE800).octet(3).octet(0).put(8, 0x08).put(2, 0x1C00).put(4, 0xFFFF_FFFFL), identity.vendor, identity.version, "01/01/2026");
        Bytes system = new Bytes().octet(1).octet(2).octet(3).octet(4).put(uuid(identity.uuid)).octet(6).octet(0).octet(0);
        add(1, 0x100, system, identity.vendor, identity.product, identity.version, identity.serial);
        add(3, 0x300, new Bytes().octet(1).octet(OTHER).octet(2).octet(3).octet(0).octet(SAFE).octet(SAFE).octet(SAFE).octet(UNKNOWN).put(4, 0).octet(0).octet(0).octet(0).octet(0).octet(0), identity.vendor, identity.version, identity.serial);
        for (int i = 0; i < processors; i++) {
            addProcessor(i, identity);
        }
        addMemory(memory);
        add(32, 0x2000, new Bytes().put(new byte[6]).octet(0));
        add(127, 0x7F00, new Bytes());
    }

    private void addProcessor(int number, Identity identity) {
        Bytes body = new Bytes().octet(1).octet(3).octet(UNKNOWN).octet(2).put(8, 0).octet(3).octet(0).put(2, 0, 0, 0).octet(0x41).octet(OTHER).put(2, 0xFFFF, 0xFFFF, 0xFFFF);
        body.octet(0).octet(0).octet(0).octet(1).octet(1).octet(1).put(2, 4).put(2, UNKNOWN);
        add(4, 0x400 + number, body, "CPU " + number, identity.vendor, identity.processor);
    }

    private void addMemory(PcMemoryMap memory) {
        long kib = memory.ram() / KIB;
        boolean wide = kib >= TWO_TIB_IN_KIB;
        add(16, ARRAY_HANDLE, new Bytes().octet(OTHER).octet(3).octet(6).put(4, wide ? TWO_TIB_IN_KIB : kib).put(2, NO_ERROR_INFORMATION, 1).put(8, wide ? memory.ram() : 0));
        long mib = memory.ram() / MIB;
        boolean large = mib > LARGEST_IN_WORD - 1;
        Bytes device = new Bytes().put(2, ARRAY_HANDLE, NO_ERROR_INFORMATION, 0xFFFF, 0xFFFF).put(2, large ? LARGEST_IN_WORD : mib).octet(9).octet(0).octet(1).octet(0).octet(7).put(2, 2, 0);
        device.octet(2).octet(0).octet(0).octet(0).octet(0).put(4, large ? mib : 0).put(2, 0, 0, 0, 0);
        add(17, 0x1100, device, "DIMM 0", "RAM");
        int handle = 0x1300;
        for (PcMemoryMap.Range range : memory.backed()) {
            add(19, handle++, new Bytes().put(4, range.start() / KIB, range.end() / KIB - 1).put(2, ARRAY_HANDLE).octet(1).put(8, 0, 0));
        }
    }

    /** As since 2.6: the first three fields little-endian (7.2.1). */
    private static byte[] uuid(UUID uuid) {
        long high = uuid.getMostSignificantBits();
        return new Bytes().put(4, high >>> 32).put(2, high >>> 16, high).put(8, Long.reverseBytes(uuid.getLeastSignificantBits())).toArray();
    }

    private void add(int type, int handle, Bytes body, String... strings) {
        int start = table.length();
        table.octet(type).octet(4 + body.length()).put(2, handle).put(body.toArray());
        List<String> texts = new ArrayList<>(List.of(strings));
        for (String text : texts) {
            table.put(text.getBytes(StandardCharsets.US_ASCII)).octet(0);
        }
        table.octet(0);
        if (texts.isEmpty()) {
            table.octet(0);
        }
        structures++;
        largest = Math.max(largest, table.length() - start);
    }
}
