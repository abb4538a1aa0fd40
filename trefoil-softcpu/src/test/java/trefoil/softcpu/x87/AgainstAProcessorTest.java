package trefoil.softcpu.x87;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.machine.GuestMemoryFault;
import trefoil.softcpu.fixture.Lab;

/**
 * Single instructions as a processor (AMD EPYC, family 19h) executed them, recorded in November 2026: FRSTOR of a random state, with stack faults and unmasked exceptions, the instruction on registers or on memory at
 * RDX, FNSAVE. Each record: two octets of the instruction, state (108) and memory (16) before, the same after, and RFLAGS after. Pointers are not compared: that processor keeps them for exceptions only.
 */
class AgainstAProcessorTest {
    private static final int RECORD = 252;
    private static final int STATE = 108;
    private static final int FLAGS = 0x45;

    private final Lab lab = new Lab();

    @BeforeEach
    void enter() {
        lab.with(new FloatingPoint(lab.cpu, lab.mmu, lab.operands)).long64();
        lab.cpu.general(7, 0x2000);
        lab.cpu.general(2, 0x3000);
        lab.cpu.general(6, 0x4000);
    }

    @AfterEach
    void leave() {
        lab.close();
    }

    @Test
    void statesAndMemoryAfterEachInstruction() throws IOException, GuestMemoryFault {
        byte[] all;
        try (InputStream in = new GZIPInputStream(AgainstAProcessorTest.class.getResourceAsStream("instructions.gz"))) {
            all = in.readAllBytes();
        }
        List<String> wrong = new ArrayList<>();
        for (int at = 0; at < all.length; at += RECORD) {
            compare(Arrays.copyOfRange(all, at, at + RECORD), wrong);
        }
        assertThat(all.length / RECORD).isGreaterThan(2500);
        assertThat(wrong).isEmpty();
    }

    private void compare(byte[] r, List<String> wrong) throws GuestMemoryFault {
        String code = HexFormat.of().formatHex(r, 0, 2);
        int flags = r[250] & FLAGS;
        boolean moves = (r[0] & 0xFE) == 0xDA && (r[1] & 0xFF) >= 0xC0 && (r[1] & 0xFF) < 0xE0;
        lab.memory.write(0x2000, r, 2, STATE);
        lab.memory.write(0x3000, r, 110, 16);
        lab.cpu.status(moves ? flags : 0);
        lab.execute("DD27");
        lab.execute(code);
        lab.execute("DD36");
        byte[] state = new byte[STATE];
        byte[] memory = new byte[16];
        lab.memory.read(0x4000, state, 0, STATE);
        lab.memory.read(0x3000, memory, 0, 16);
        byte[] expected = Arrays.copyOfRange(r, 126, 126 + STATE);
        Arrays.fill(state, 12, 28, (byte) 0);
        Arrays.fill(expected, 12, 28, (byte) 0);
        boolean pending = (expected[4] & 0x80) != 0;
        boolean setsFlags = (r[0] & 0xFB) == 0xDB && (r[1] & 0xFF) >= 0xE8 && !pending;
        boolean same = Arrays.equals(state, expected) && Arrays.equals(memory, 0, 16, r, 234, 250) && (!setsFlags || (lab.cpu.status() & FLAGS) == flags);
        if (!same) {
            HexFormat hex = HexFormat.of();
            wrong.add(code + " before " + hex.formatHex(r, 2, 110) + " " + hex.formatHex(r, 110, 126) + "\n is " + hex.formatHex(state) + " " + hex.formatHex(memory) + "\n not " + hex.formatHex(expected) + " "
                    + hex.formatHex(r, 234, 250) + " " + flags + "/" + (lab.cpu.status() & FLAGS));
        }
    }
}
