package trefoil.pc.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.pc.boot.PcMemoryMap;

class AcpiTest {
    private static final long GIB = 1L << 30;
    private static final Path IASL = Path.of("/usr/bin/iasl");

    @TempDir
    private Path directory;

    private static BoardFacts facts(int processors, BoardFacts.Part... parts) {
        return new BoardFacts(processors, new PcMemoryMap(6 * GIB), 64 * GIB, Set.of(parts));
    }

    private static ByteBuffer at(byte[] all, long address) {
        return ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).position((int) (address - PcMemoryMap.TABLES)).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int sum(byte[] bytes) {
        int sum = 0;
        for (byte value : bytes) {
            sum += value;
        }
        return sum & 0xFF;
    }

    @Test
    void tablesAreFoundFromTheRootPointer() {
        byte[] all = AcpiTables.of(facts(2, BoardFacts.Part.HPET)).toArray();
        ByteBuffer root = at(all, PcMemoryMap.TABLES);
        byte[] rsdp = new byte[36];
        root.get(0, rsdp);
        assertThat(new String(rsdp, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("RSD PTR ");
        assertThat(sum(rsdp)).isZero();
        assertThat(sum(java.util.Arrays.copyOf(rsdp, 20))).isZero();
        ByteBuffer xsdt = at(all, root.getLong(24));
        ByteBuffer rsdt = at(all, root.getInt(16));
        StringBuilder signatures = new StringBuilder();
        for (int i = 36; i < xsdt.getInt(4); i += 8) {
            ByteBuffer table = at(all, xsdt.getLong(i));
            assertThat(rsdt.getInt(36 + (i - 36) / 2)).isEqualTo((int) xsdt.getLong(i));
            byte[] bytes = new byte[table.getInt(4)];
            table.get(0, bytes);
            assertThat(sum(bytes)).isZero();
            signatures.append(new String(bytes, 0, 4, StandardCharsets.US_ASCII)).append(' ');
        }
        assertThat(signatures.toString()).isEqualTo("FACP APIC HPET MCFG ");
        ByteBuffer fadt = at(all, xsdt.getLong(36));
        assertThat(fadt.getInt(4)).isEqualTo(276);
        assertThat(at(all, fadt.getInt(40)).getInt(0)).isEqualTo(0x54445344);
        assertThat(at(all, fadt.getInt(36)).getInt(0)).isEqualTo(0x53434146);
        assertThat(fadt.getInt(36) % 64).isZero();
    }

    @Test
    void fadtNamesTheBoardsRegisters() {
        ByteBuffer fadt = ByteBuffer.wrap(AcpiTables.of(facts(1)).tables().get("FACP")).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(fadt.getShort(46)).isEqualTo((short) 9);
        assertThat(fadt.getInt(48)).as("SMI_CMD").isZero();
        assertThat(fadt.getInt(56)).isEqualTo(0x600);
        assertThat(fadt.getInt(64)).isEqualTo(0x604);
        assertThat(fadt.getInt(76)).isEqualTo(0x608);
        assertThat(fadt.getInt(80)).isEqualTo(0x620);
        assertThat(fadt.get(88) << 16 | fadt.get(89) << 8 | fadt.get(91)).isEqualTo(0x40204);
        assertThat(fadt.get(108)).isEqualTo((byte) 0x32);
        assertThat(fadt.getLong(120)).isEqualTo(0xCF9);
        assertThat(fadt.get(128)).isEqualTo((byte) 6);
        assertThat(fadt.getLong(140)).isEqualTo(fadt.getInt(40));
        assertThat(fadt.getLong(152)).isEqualTo(0x600);
        assertThat(fadt.getLong(212)).isEqualTo(0x608);
        assertThat(fadt.getLong(224)).isEqualTo(0x620);
    }

    private String iasl(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(java.util.stream.Stream.concat(java.util.stream.Stream.of(IASL.toString()), java.util.Arrays.stream(arguments)).toList());
        Path log = directory.resolve("log");
        Process process = builder.directory(directory.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String words = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(process.exitValue()).as(words).isZero();
        return words;
    }

    @Test
    void iaslDisassemblesAndCompilesAllWithoutAnError() throws Exception {
        assumeTrue(Files.isExecutable(IASL), "skipped: iasl is not there (Debian package acpica-tools)");
        for (BoardFacts facts : new BoardFacts[] {facts(1), facts(2, BoardFacts.Part.HPET, BoardFacts.Part.PS2), facts(64, BoardFacts.Part.HPET)}) {
            for (Map.Entry<String, byte[]> table : AcpiTables.of(facts).tables().entrySet()) {
                if (table.getKey().equals("RSDP")) {
                    continue;
                }
                String name = table.getKey().toLowerCase(java.util.Locale.ROOT);
                Files.write(directory.resolve(name + ".dat"), table.getValue());
                assertThat(iasl("-d", name + ".dat")).as(name).doesNotContain("Error").doesNotContain("Warning");
                assertThat(iasl(name + ".dsl")).as(name).contains("0 Errors");
            }
        }
    }

    @Test
    void dsdtReadsAsItShould() throws Exception {
        assumeTrue(Files.isExecutable(IASL), "skipped: iasl is not there (Debian package acpica-tools)");
        Files.write(directory.resolve("dsdt.dat"), AcpiTables.of(facts(2, BoardFacts.Part.PS2)).tables().get("DSDT"));
        iasl("-d", "dsdt.dat");
        String code = Files.readString(directory.resolve("dsdt.dsl"), StandardCharsets.ISO_8859_1).replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//.*", "");
        String golden;
        try (InputStream in = AcpiTest.class.getResourceAsStream("dsdt.golden")) {
            golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(summary(code)).isEqualToNormalizingNewlines(golden);
    }

    /** Its lines without the space around them, and without the routing table's, of which there are 128. */
    private static String summary(String code) {
        String routing = "(?s)Name \\(_PRT, Package \\(0x80\\)\\s*\\{.*?\\n\\s*\\}\\)";
        return code.replaceAll(routing, "Name (_PRT, Package (0x80) {...})").lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void smbiosStructuresCanBeWalked() {
        byte[] all = Smbios.of(new Smbios.Identity("Trefoil", "Virtual Server", "1", "none", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"), "Virtual CPU"), 2, new PcMemoryMap(6 * GIB));
        ByteBuffer entry = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(sum(java.util.Arrays.copyOf(all, 0x1F))).isZero();
        assertThat(sum(java.util.Arrays.copyOfRange(all, 0x10, 0x1F))).isZero();
        assertThat(entry.getInt(0x18)).isEqualTo((int) PcMemoryMap.SMBIOS + 0x20);
        assertThat(entry.getShort(0x16)).isEqualTo((short) (all.length - 0x20));
        StringBuilder types = new StringBuilder();
        int at = 0x20;
        int count = 0;
        while (at < all.length) {
            types.append(all[at] & 0xFF).append(':').append(all[at + 1] & 0xFF).append(' ');
            count++;
            at += all[at + 1];
            while (all[at] != 0 || all[at + 1] != 0) {
                at++;
            }
            at += 2;
        }
        assertThat(types.toString()).isEqualTo("0:24 1:27 3:22 4:42 4:42 16:23 17:40 19:31 19:31 32:11 127:4 ");
        assertThat(entry.getShort(0x1C)).isEqualTo((short) count);
        assertThat(new String(all, StandardCharsets.ISO_8859_1)).contains("Virtual Server\0", "CPU 1\0");
        int system = 0x20 + 24 + "Trefoil\0001\00001/01/2026\0\0".length();
        assertThat(java.util.HexFormat.of().formatHex(all, system + 8, system + 24)).isEqualTo("33221100554477668899aabbccddeeff");
    }
}
