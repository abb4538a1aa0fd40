package trefoil.softcpu.several;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.engine.VcpuExit;
import trefoil.softcpu.fixture.Code;
import trefoil.softcpu.fixture.Crew;

/** Locked operations of several processors on one place lose nothing (Intel SDM Vol. 3, 9.1), wherever it lies. */
class LockedTest {
    private static final long PROGRAMS = 0x20_0000;
    private static final long PLACE = 0x40_0000;
    private static final int MANY = 20_000 * Litmus.LONGER;
    private static final int FEW = 2_000 * Litmus.LONGER;

    /** Each processor does {@code body} so often, with RSI at the address. */
    private static void repeat(Crew crew, int count, long address, int times, IntFunction<Code> body) {
        for (int n = 0; n < count; n++) {
            Code code = new Code(PROGRAMS + 0x1000L * n).load(6, address).load(9, times).label("again");
            code.hex(java.util.HexFormat.of().formatHex(body.apply(n).octets())).hex("49ffc9").jump(Code.JNZ, "again").end();
            crew.write(PROGRAMS + 0x1000L * n, code);
            crew.start(n, PROGRAMS + 0x1000L * n, 0x30_0000 + 0x1000L * n, 0);
        }
        assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
    }

    private static Code code(String hex) {
        return new Code(0).hex(hex);
    }

    @ParameterizedTest(name = "{0} processors, {1} octets at {2}")
    @CsvSource({"2, 8, 0", "4, 8, 64", "4, 4, 4", "2, 2, 6", "4, 1, 5", "2, 4, 1", "4, 4, 3", "2, 2, 3", "2, 2, 5"})
    void additionsWithinEightOctets(int processors, int size, long offset) {
        add(processors, size, PLACE + offset, MANY);
    }

    @ParameterizedTest(name = "{0} processors, {1} octets at {2}")
    @CsvSource({"2, 8, 4", "4, 8, 1", "2, 4, 6", "2, 2, 7", "4, 8, 60", "2, 4, 62", "4, 8, 4092", "2, 4, 4093", "2, 2, 4095"})
    void additionsAcrossEightOctetsALineAPage(int processors, int size, long offset) {
        add(processors, size, PLACE + offset, FEW);
    }

    private static void add(int processors, int size, long address, int times) {
        try (Crew crew = new Crew(processors)) {
            crew.putLong(address - 8, 0x1111_1111_1111_1111L);
            crew.putLong(address + size, 0x2222_2222_2222_2222L);
            String add = switch (size) {
                case 1 -> "b801000000 f00fc006";
                case 2 -> "b801000000 66f00fc106";
                case 4 -> "b801000000 f00fc106";
                default -> "b801000000 f0480fc106";
            };
            repeat(crew, processors, address, times, n -> code(add));
            long mask = -1L >>> 64 - 8 * size;
            assertThat(crew.getLong(address) & mask).isEqualTo((long) processors * times & mask);
            assertThat(crew.getLong(address - 8)).as("before").isEqualTo(0x1111_1111_1111_1111L);
            assertThat(crew.getLong(address + size)).as("behind").isEqualTo(0x2222_2222_2222_2222L);
        }
    }

    @Test
    void splitAndWholeAccessesToTheSameOctets() {
        try (Crew crew = new Crew(3)) {
            // One adds to eight octets across a page, one to the first four of them, which are aligned, one stores plainly beside them.
            String[] bodies = {"f048830601", "f0830601", "c746f8 07000000"};
            repeat(crew, 3, PLACE + 4092, FEW, n -> code(bodies[n]));
            assertThat(crew.getLong(PLACE + 4092)).isEqualTo(2L * FEW);
        }
    }

    @Test
    void compareAndExchange() {
        try (Crew crew = new Crew(4)) {
            // again: mov rax, [rsi]; lea rbx, [rax+1]; lock cmpxchg [rsi], rbx; jnz again
            repeat(crew, 4, PLACE, MANY, n -> code("488b06 488d5801 f0480fb11e 75f2"));
            assertThat(crew.getLong(PLACE)).isEqualTo(4L * MANY);
        }
    }

    @Test
    void compareAndExchangeOf16Octets() {
        try (Crew crew = new Crew(4)) {
            // again: mov rax, [rsi]; mov rdx, [rsi+8]; lea rbx, [rax+1]; lea rcx, [rdx+3]; lock cmpxchg16b [rsi]; jnz again
            repeat(crew, 4, PLACE, FEW, n -> code("488b06 488b5608 488d5801 488d4a03 f0480fc70e 75ea"));
            assertThat(crew.getLong(PLACE)).isEqualTo(4L * FEW);
            assertThat(crew.getLong(PLACE + 8)).isEqualTo(12L * FEW);
        }
    }

    @Test
    void aSpinLockWithPause() {
        try (Crew crew = new Crew(4)) {
            // again: mov eax, 1; xchg [rsi], eax; test eax, eax; jz in; pause; jmp again; in: inc qword [rsi+64]; mov dword [rsi], 0
            repeat(crew, 4, PLACE, MANY, n -> code("b801000000 8706 85c0 7404 f390 ebf1 48ff4640 c70600000000"));
            assertThat(crew.getLong(PLACE + 64)).isEqualTo(4L * MANY);
        }
    }

    @Test
    void dataBesideCodeThatIsExecuted() {
        try (Crew crew = new Crew(3)) {
            // Counters in the page, and in the 128 octets, of the first processor's program; each adds with a lock to one, and stores plainly into one of its own.
            long page = PROGRAMS;
            repeat(crew, 3, page + 0xF00, FEW, n -> code("f048ff06 f048ff8680f1ffff 48ff86%02x000000".formatted(0x10 + 8 * n)));
            assertThat(crew.getLong(page + 0xF00)).isEqualTo(3L * FEW);
            assertThat(crew.getLong(page + 0xF00 - 0xE80)).as("in the grain of the code").isEqualTo(3L * FEW);
            for (int n = 0; n < 3; n++) {
                assertThat(crew.getLong(page + 0xF10 + 8 * n)).isEqualTo(FEW);
            }
        }
    }
}
