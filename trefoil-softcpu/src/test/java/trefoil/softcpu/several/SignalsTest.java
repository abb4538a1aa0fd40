package trefoil.softcpu.several;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import trefoil.engine.VcpuExit;
import trefoil.softcpu.fixture.Code;
import trefoil.softcpu.fixture.Crew;

/** Interrupts, NMIs, INIT and start-up messages from one processor to another, and the machine's wish to stop. */
class SignalsTest {
    private static final long PROGRAMS = 0x20_0000;
    private static final long TABLE = 0x9000;
    private static final long HANDLER = 0x29_0000;
    private static final long COUNT = 0x40_0000;
    private static final int VECTOR = 0x31;
    private static final int TIMES = 5_000 * Litmus.LONGER;

    /** Sends and waits for the count to grow, so often. */
    private static Code sender(int to, int what, int times) {
        return new Code(PROGRAMS)
                .load(7, COUNT).load(9, 0)
                .label("again")
                .writeMsr(Crew.SEND_MSR, (long) to << 32 | what)
                .hex("49ffc1")
                .label("wait")
                .hex("f390 4c390f") // pause; cmp [rdi], r9
                .jump(Code.JB, "wait")
                .hex("4981f9 %08x".formatted(Integer.reverseBytes(times)))
                .jump(Code.JNZ, "again")
                .end();
    }

    private static void handlers(Crew crew) {
        crew.write(HANDLER, new Code(HANDLER).hex("50 48b8").hex("0000400000000000").hex("f048ff00 58 48cf")); // push rax; mov rax, COUNT; lock inc qword [rax]; pop rax; iretq
        crew.gate(TABLE, VECTOR, HANDLER);
        crew.gate(TABLE, 2, HANDLER);
    }

    /** Halts with interrupts enabled until the count is reached: STI and HLT leave no gap, and CLI follows at once. */
    private static Code sleeper(long at, int times) {
        return new Code(at)
                .load(7, COUNT)
                .label("again")
                .hex("fbf4fa 48813f %08x".formatted(Integer.reverseBytes(times))) // sti; hlt; cli; cmp qword [rdi], times
                .jump(Code.JB, "again")
                .end();
    }

    private static void start(Crew crew, int n) {
        crew.start(n, PROGRAMS + 0x1000L * n, 0x30_0000 + 0x1000L * n, TABLE);
    }

    @Test
    void interruptsWakeAHaltedProcessor() {
        try (Crew crew = new Crew(2)) {
            handlers(crew);
            crew.write(PROGRAMS, sender(1, VECTOR, TIMES));
            crew.write(PROGRAMS + 0x1000, sleeper(PROGRAMS + 0x1000, TIMES));
            start(crew, 0);
            start(crew, 1);
            assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
            assertThat(crew.getLong(COUNT)).isEqualTo(TIMES);
            assertThat(crew.vcpu(1).statistics().interrupts()).isEqualTo(TIMES);
        }
    }

    @Test
    void aHaltedProcessorStaysHaltedWhateverElseItHasToSeeTo() {
        try (Crew crew = new Crew(3)) {
            handlers(crew);
            crew.write(PROGRAMS, sender(1, VECTOR, TIMES));
            crew.write(PROGRAMS + 0x1000, sleeper(PROGRAMS + 0x1000, TIMES));
            long at = PROGRAMS + 0x2000;
            // Changes code of the sleeper's page, and adds across a page, until the sleeper is done.
            crew.write(at, new Code(at)
                    .load(6, PROGRAMS + 0x1080).load(7, COUNT).load(8, COUNT + 0x1FFC)
                    .label("again")
                    .hex("48ff06 f049ff00 48813f %08x".formatted(Integer.reverseBytes(TIMES)))
                    .jump(Code.JB, "again")
                    .end());
            start(crew, 0);
            start(crew, 1);
            start(crew, 2);
            assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
            assertThat(crew.getLong(COUNT)).isEqualTo(TIMES);
            assertThat(crew.getLong(COUNT + 0x1FFC)).isEqualTo(crew.getLong(PROGRAMS + 0x1080)).isPositive();
        }
    }

    /** Nothing keeps the last one from coming between a look at the count and HLT: it is its handler that ends the processor. */
    @Test
    void nonMaskableInterruptsAreTakenWithInterruptsDisabled() {
        try (Crew crew = new Crew(2)) {
            handlers(crew);
            crew.write(HANDLER + 0x100, new Code(HANDLER + 0x100)
                    .load(7, COUNT)
                    .hex("f048ff07 48813f %08x".formatted(Integer.reverseBytes(TIMES))) // lock inc qword [rdi]; cmp qword [rdi], times
                    .jump(Code.JAE, "last")
                    .hex("48cf") // iretq
                    .label("last")
                    .end());
            crew.gate(TABLE, 2, HANDLER + 0x100);
            crew.write(PROGRAMS, sender(1, Crew.NMI, TIMES));
            crew.write(PROGRAMS + 0x1000, new Code(PROGRAMS + 0x1000).label("again").hex("fa f4").jump("again"));
            start(crew, 0);
            start(crew, 1);
            assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
            assertThat(crew.getLong(COUNT)).isEqualTo(TIMES);
        }
    }

    /** A wish that comes before HLT is not lost: each is counted, whichever comes first. */
    @Test
    void aHaltedProcessorIsWokenWithoutAnInterrupt() {
        try (Crew crew = new Crew(2)) {
            crew.write(PROGRAMS, sender(1, Crew.WAKE, TIMES));
            crew.write(PROGRAMS + 0x1000, new Code(PROGRAMS + 0x1000)
                    .load(7, COUNT)
                    .label("again")
                    .hex("fa f4 f048ff07 48813f %08x".formatted(Integer.reverseBytes(TIMES))) // cli; hlt; lock inc qword [rdi]; cmp qword [rdi], times
                    .jump(Code.JB, "again")
                    .end());
            start(crew, 0);
            start(crew, 1);
            assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
            assertThat(crew.getLong(COUNT)).isEqualTo(TIMES);
            assertThat(crew.vcpu(1).statistics().interrupts()).isZero();
        }
    }

    @Test
    void initAndStartupBeginAProcessorInRealMode() {
        try (Crew crew = new Crew(2)) {
            // inc word [0x7000]; mov ecx, END_MSR; wrmsr
            crew.write(0xA000, new Code(0xA000).hex("ff060070 66b9%08x".formatted(Integer.reverseBytes(Crew.END_MSR))).hex("0f30"));
            crew.write(PROGRAMS, new Code(PROGRAMS)
                    .writeMsr(Crew.SEND_MSR, 1L << 32 | Crew.INIT)
                    .writeMsr(Crew.SEND_MSR, 1L << 32 | Crew.STARTUP | 0x0A)
                    .load(7, 0x7000)
                    .label("wait")
                    .hex("f390 66833f00") // pause; cmp word [rdi], 0
                    .jump(Code.JZ, "wait")
                    .writeMsr(Crew.SEND_MSR, 1L << 32 | Crew.STARTUP | 0x0B) // to one that does not wait for it
                    .end());
            start(crew, 0);
            assertThat(crew.run()).hasOnlyElementsOfType(VcpuExit.Stopped.class);
            assertThat(crew.getLong(0x7000) & 0xFFFF).isEqualTo(1);
            assertThat(crew.vcpu(1).state().rip()).isEqualTo(4 + 6 + 2);
            assertThat(crew.vcpu(1).state().segments().get(1).selector()).isEqualTo(0xA00);
        }
    }

    /** A processor that waits for its start-up, one that is halted, one that spins, and two that want to be alone all of the time. */
    @Test
    void allStop() throws InterruptedException {
        try (Crew crew = new Crew(5)) {
            crew.write(PROGRAMS, new Code(PROGRAMS).hex("fa f4 ebfd"));
            crew.write(PROGRAMS + 0x1000, new Code(PROGRAMS + 0x1000).hex("ebfe"));
            for (int n = 2; n < 4; n++) {
                long at = PROGRAMS + 0x1000L * n;
                crew.write(at, new Code(at).load(6, COUNT + 0xFFC).label("again").hex("f048ff06").jump("again"));
            }
            for (int n = 0; n < 4; n++) {
                start(crew, n);
            }
            for (int round = 0; round < 20; round++) {
                CountDownLatch running = new CountDownLatch(5);
                Thread[] threads = new Thread[5];
                for (int n = 0; n < 5; n++) {
                    int number = n;
                    threads[n] = Thread.ofPlatform().start(() -> {
                        running.countDown();
                        crew.vcpu(number).run();
                    });
                }
                running.await();
                for (int n = 0; n < 5; n++) {
                    crew.vcpu(n).stop();
                }
                for (Thread thread : threads) {
                    assertThat(thread.join(java.time.Duration.ofSeconds(30))).isTrue();
                }
            }
        }
    }
}
