package trefoil.softcpu.interpret;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.fixture.Lab;
import trefoil.softcpu.integer.Alu;
import trefoil.softcpu.integer.Bits;
import trefoil.softcpu.integer.Branches;
import trefoil.softcpu.integer.MultiplyDivide;
import trefoil.softcpu.integer.Shifts;
import trefoil.softcpu.integer.Transfers;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.system.Hints;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Operation;
import trefoil.machine.RawMemory;

/** What the hot loop executes by itself must do exactly what the families do: random encodings of random operands, each executed both ways from the same state. */
class HotLoopTest {
    private static final long CODE = 0x20_0000;
    private static final long DATA = 0x40_0000;
    private static final int ROUNDS = 200_000;
    private static final byte[] UD2 = {0x0F, 0x0B};

    private final SplittableRandom random = new SplittableRandom(20261123);
    private final Lab one = new Lab().long64();
    private final Lab other = new Lab().long64();
    private final Family[] families = new Family[InstructionTable.size()];
    private final Decoder decoder = new Decoder();

    private static List<Family> families(Lab lab) {
        return List.of(
                new Alu(lab.cpu, lab.mmu, lab.operands),
                new Shifts(lab.cpu, lab.mmu, lab.operands),
                new MultiplyDivide(lab.cpu, lab.mmu, lab.operands),
                new Bits(lab.cpu, lab.mmu, lab.operands),
                new Transfers(lab.cpu, lab.mmu, lab.operands),
                new Branches(lab.cpu, lab.mmu, lab.operands),
                new Hints(lab.cpu, lab.mmu, lab.operands));
    }

    @Test
    void doesWhatTheFamiliesDo() throws Exception {
        families(one).forEach(one::with);
        Family undefined = new Family() {
            @Override
            public Set<Operation> operations() {
                return Set.of();
            }

            @Override
            public void execute(Instruction i) {
                throw other.cpu.ud();
            }
        };
        Arrays.fill(families, undefined);
        Set<Integer> executed = new TreeSet<>();
        for (int n = 0; n < ROUNDS; n++) {
            byte[] octets = encoding();
            if (octets != null) {
                compare(octets, executed);
            }
        }
        // LEAVE, GENERAL, GENERAL_ENDS, STRADDLE, GOTO and END are none.
        assertThat(executed).as("operations that came up").hasSizeGreaterThanOrEqualTo(Op.class.getDeclaredFields().length - 1 - 6);
        one.close();
        other.close();
    }

    /** Octets by chance, with a prefix or two in front, that decode to one instruction; null if they do not. */
    private byte[] encoding() {
        byte[] octets = new byte[15];
        random.nextBytes(octets);
        int at = 0;
        if (random.nextInt(8) == 0) {
            octets[at++] = (byte) (random.nextBoolean() ? 0x64 : 0x65);
        }
        if (random.nextInt(12) == 0) {
            octets[at++] = 0x66;
        }
        if (random.nextInt(3) > 0) {
            octets[at++] = (byte) (0x40 | random.nextInt(16));
        }
        if (random.nextInt(4) == 0) {
            octets[at] = 0x0F;
        }
        Instruction i = new Instruction();
        Outcome outcome = decoder.decode(CodeSize.BITS64, octets, 0, octets.length, i);
        // Displacements that leave the memory that there is would make nearly all accesses fault.
        boolean usable = outcome == Outcome.DECODED && (i.displacementSize() < 4 || random.nextInt(20) == 0);
        return usable ? Arrays.copyOf(octets, i.length()) : null;
    }

    private void compare(byte[] octets, Set<Integer> executed) throws Exception {
        int offset = random.nextInt(4000);
        byte[] program = Arrays.copyOf(octets, octets.length + 2);
        System.arraycopy(UD2, 0, program, octets.length, 2);
        other.memory.write(CODE + offset, program, 0, program.length);
        other.mmu.invalidateAll();
        other.cpu.attention.set(1);
        DecodeCache cache = new DecodeCache(other.memory, other.code, other.member);
        CodePage page = cache.page(CODE, CodeSize.BITS64);
        int slot = cache.slot(page, offset);
        int op = page.ops[slot * CodePage.WORDS] & Op.MASK;
        if (op == Op.GENERAL || op == Op.GENERAL_ENDS || op == Op.STRADDLE) {
            return;
        }
        executed.add(op);
        prepare(offset);
        Fault expected = one.faultOf(HexFormat.of().formatHex(octets));
        other.cpu.attention.set(1);
        Fault found = null;
        try {
            RawMemory.putLong(other.cpu.block + Block.PAGE_BASE, CODE);
            if (new HotLoop(other.cpu, other.mmu, families).run(page, slot, CODE)) {
                assertThat(expected).as(HexFormat.of().formatHex(octets)).isNotNull();
                return;
            }
        } catch (Fault fault) {
            found = fault;
        }
        boolean wentOn = found != null && found.vector() == Vector.UD;
        String what = HexFormat.of().formatHex(octets) + " " + new Decoded(octets).text();
        assertThat(wentOn ? null : found == null ? null : found.vector()).as(what).isEqualTo(expected == null ? null : expected.vector());
        assertThat(other.cpu.rip).as("rip of %s", what).isEqualTo(one.cpu.rip);
        for (int n = 0; n < 16; n++) {
            assertThat(other.cpu.general(n)).as("register %d of %s", n, what).isEqualTo(one.cpu.general(n));
        }
        assertThat(other.cpu.rflags()).as("flags of %s", what).isEqualTo(one.cpu.rflags());
        assertThat(sum(other)).as("memory of %s", what).isEqualTo(sum(one));
    }

    /** For messages. */
    private record Decoded(byte[] octets) {
        String text() {
            Instruction i = new Instruction();
            new Decoder().decode(CodeSize.BITS64, octets, 0, octets.length, i);
            return i.row().toString();
        }
    }

    private void prepare(int offset) throws Exception {
        long[] general = new long[16];
        for (int n = 0; n < 16; n++) {
            general[n] = switch (random.nextInt(4)) {
                case 0 -> random.nextLong();
                case 1 -> random.nextInt(256) - 128;
                default -> DATA + random.nextInt(4096);
            };
        }
        general[4] = DATA + 2048;
        int flags = random.nextInt() & 0x8D5;
        byte[] data = new byte[8192];
        random.nextBytes(data);
        for (Lab lab : List.of(one, other)) {
            for (int n = 0; n < 16; n++) {
                lab.cpu.general(n, general[n]);
            }
            lab.cpu.status(flags);
            lab.cpu.rip = CODE + offset;
            lab.cpu.base(4, DATA & 0x4000_0000L | 0x10);
            lab.cpu.base(5, 0x20);
            lab.memory.write(DATA - 2048, data, 0, data.length);
        }
    }

    private static int sum(Lab lab) throws Exception {
        byte[] data = new byte[8192];
        lab.memory.read(DATA - 2048, data, 0, data.length);
        return Arrays.hashCode(data);
    }
}
