package trefoil.softcpu.several;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.engine.VcpuExit;
import trefoil.softcpu.fixture.Code;
import trefoil.softcpu.fixture.Crew;

/** One processor changes what others execute (Intel SDM Vol. 3, 9.1.3). */
class ChangingCodeTest {
    private static final long PROGRAMS = 0x20_0000;
    /** The routine, whose number lies at the next multiple of four. */
    private static final long ROUTINE = 0x28_0003;
    private static final long FLAG = 0x40_0000;
    private static final long DONE = 0x40_0040;
    private static final long WRONG = 0x40_0080;
    private static final int TIMES = 4_000 * Litmus.LONGER;

    /** The writer stores, raises the flag, waits for all; an executor sees the flag, serialises, and must execute what is new. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void isExecutedByWhoeverHeardOfItAndSerialised(int processors) {
        try (Crew crew = new Crew(processors)) {
            crew.write(ROUTINE, new Code(ROUTINE).hex("b8 00000000 c3")); // mov eax, n; ret
            crew.write(PROGRAMS, new Code(PROGRAMS)
                    .load(6, ROUTINE + 1).load(7, FLAG).load(8, DONE).load(9, 0).load(10, 0)
                    .label("again")
                    .hex("49ffc1 4983c2 %02x".formatted(processors - 1)) // inc r9; add r10, executors
                    .hex("44890e 4c890f") // mov [rsi], r9d; mov [rdi], r9
                    .label("wait")
                    .hex("f390 498b00 4c39d0") // pause; mov rax, [r8]; cmp rax, r10
                    .jump(Code.JB, "wait")
                    .hex("4981f9 %s".formatted(littleEndian(TIMES)))
                    .jump(Code.JNZ, "again")
                    .end());
            for (int n = 1; n < processors; n++) {
                long at = PROGRAMS + 0x1000L * n;
                crew.write(at, new Code(at)
                        .load(7, FLAG).load(8, DONE).load(9, 0).load(10, WRONG).load(11, ROUTINE)
                        .label("again")
                        .hex("49ffc1")
                        .label("wait")
                        .hex("f390 4c390f") // pause; cmp [rdi], r9
                        .jump(Code.JB, "wait")
                        .hex("31c0 0fa2 41ffd3 4439c8") // xor eax, eax; cpuid; call r11; cmp eax, r9d
                        .jump(Code.JZ, "right")
                        .hex("f049ff02") // lock inc qword [r10]
                        .label("right")
                        .hex("f049ff00 4981f9 %s".formatted(littleEndian(TIMES))) // lock inc qword [r8]
                        .jump(Code.JNZ, "again")
                        .end());
            }
            run(crew, processors);
            assertThat(crew.getLong(DONE)).isEqualTo((processors - 1L) * TIMES);
            assertThat(crew.getLong(WRONG)).as("executions of what was old").isZero();
        }
    }

    /** Nobody waits: what executors see of a number that only grows may be late, but never goes back, and in the end is the last. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void neverGoesBack(int processors) {
        try (Crew crew = new Crew(processors)) {
            crew.write(ROUTINE, new Code(ROUTINE).hex("b8 00000000 c3"));
            crew.write(PROGRAMS, new Code(PROGRAMS)
                    .load(6, ROUTINE + 1).load(9, 0)
                    .label("again")
                    .hex("49ffc1 44890e 4981f9 %s".formatted(littleEndian(20 * TIMES)))
                    .jump(Code.JNZ, "again")
                    .end());
            for (int n = 1; n < processors; n++) {
                long at = PROGRAMS + 0x1000L * n;
                crew.write(at, new Code(at)
                        .load(9, 0).load(10, WRONG).load(11, ROUTINE)
                        .label("again")
                        .hex("41ffd3 4439c8") // call r11; cmp eax, r9d
                        .jump(Code.JAE, "right")
                        .hex("f049ff02")
                        .label("right")
                        .hex("4189c1 3d %s".formatted(littleEndian(20 * TIMES))) // mov r9d, eax; cmp eax, last
                        .jump(Code.JNZ, "again")
                        .end());
            }
            run(crew, processors);
            assertThat(crew.getLong(WRONG)).as("steps back").isZero();
        }
    }

    private static void run(Crew crew, int processors) {
        for (int n = 0; n < processors; n++) {
            crew.start(n, PROGRAMS + 0x1000L * n, 0x30_0000 + 0x1000L * n, 0);
        }
        assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
    }

    private static String littleEndian(int value) {
        return "%08x".formatted(Integer.reverseBytes(value));
    }
}
