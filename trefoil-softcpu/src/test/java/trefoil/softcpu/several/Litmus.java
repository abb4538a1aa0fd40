package trefoil.softcpu.several;

import static org.assertj.core.api.Assertions.assertThat;

import trefoil.engine.VcpuExit;
import trefoil.softcpu.fixture.Code;
import trefoil.softcpu.fixture.Crew;

/**
 * One litmus test: a snippet for each processor, executed in rounds that all begin together. Snippets find X at RSI and Y at RDI, each in a line of its own, 0 before the round, and leave what they saw in R12 and R13.
 */
final class Litmus {
    static final String X_IS_1 = "48c706 01000000";
    static final String X_IS_2 = "48c706 02000000";
    static final String Y_IS_1 = "48c707 01000000";
    static final String Y_IS_2 = "48c707 02000000";
    static final String FIRST_IS_X = "4c8b26";
    static final String FIRST_IS_Y = "4c8b27";
    static final String SECOND_IS_X = "4c8b2e";
    static final String SECOND_IS_Y = "4c8b2f";
    static final String MFENCE = "0faef0";
    static final int LONGER = Integer.getInteger("trefoil.softcpu.longer", 1);

    private static final int ROUNDS = 16_384;
    private static final int LINE = 64;
    private static final long COUNTER = 0x3F_0000;
    private static final long X = 0x40_0000;
    private static final long Y = X + (long) ROUNDS * LINE;
    private static final long RESULTS = Y + (long) ROUNDS * LINE;
    private static final long PROGRAMS = 0x20_0000;

    /** What came of a round. */
    interface Outcome {
        /** @param seen R12 and R13 of the first processor, of the second, and so on */
        boolean holds(long[] seen, long x, long y);
    }

    private Litmus() {}

    /** How many rounds, of {@code batches} times 16,384, had this outcome. */
    static int count(int batches, Outcome outcome, String... snippets) {
        int found = 0;
        try (Crew crew = new Crew(snippets.length)) {
            for (int n = 0; n < snippets.length; n++) {
                crew.write(PROGRAMS + 0x1000L * n, program(n, snippets));
            }
            for (int batch = 0; batch < batches; batch++) {
                run(crew, snippets.length);
                for (int round = 0; round < ROUNDS; round++) {
                    found += outcome.holds(seen(crew, round, snippets.length), crew.getLong(X + (long) round * LINE), crew.getLong(Y + (long) round * LINE)) ? 1 : 0;
                }
            }
        }
        return found;
    }

    private static void run(Crew crew, int count) {
        crew.putLong(COUNTER, 0);
        for (int round = 0; round < ROUNDS; round++) {
            crew.putLong(X + (long) round * LINE, 0);
            crew.putLong(Y + (long) round * LINE, 0);
        }
        for (int n = 0; n < count; n++) {
            crew.start(n, PROGRAMS + 0x1000L * n, 0x30_0000 + 0x1000L * n, 0);
        }
        assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
    }

    private static long[] seen(Crew crew, int round, int count) {
        long[] seen = new long[2 * count];
        for (int n = 0; n < count; n++) {
            long at = RESULTS + ((long) n * ROUNDS + round) * 16;
            seen[2 * n] = crew.getLong(at);
            seen[2 * n + 1] = crew.getLong(at + 8);
        }
        return seen;
    }

    /** R8 results, R9 rounds left, R10 what the counter reaches when all have come, R11 the counter. */
    private static Code program(int n, String[] snippets) {
        return new Code(PROGRAMS + 0x1000L * n)
                .load(6, X).load(7, Y).load(8, RESULTS + (long) n * ROUNDS * 16).load(9, ROUNDS).load(10, 0).load(11, COUNTER)
                .label("round")
                .hex("4983c2 %02x".formatted(snippets.length)) // add r10, processors
                .hex("f049ff03") // lock inc qword [r11]
                .label("wait")
                .hex("498b03 4c39d0") // mov rax, [r11]; cmp rax, r10
                .jump(Code.JAE, "go")
                .hex("f390")
                .jump("wait")
                .label("go")
                // Who came last would always go first: a short delay by chance for each.
                .hex("4489c8 69c0 %08x c1e810 83e01f".formatted(Integer.reverseBytes(0x9E37_79B1 * (2 * n + 3)))) // mov eax, r9d; imul eax, eax, factor; shr eax, 16; and eax, 31
                .label("delay")
                .hex("83e801") // sub eax, 1
                .jump(Code.JAE, "delay")
                .hex(snippets[n])
                .hex("4d8920 4d896808") // mov [r8], r12; mov [r8+8], r13
                .hex("4883c640 4883c740 4983c010 49ffc9") // add rsi, 64; add rdi, 64; add r8, 16; dec r9
                .jump(Code.JNZ, "round")
                .end();
    }
}
