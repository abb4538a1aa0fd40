package trefoil.pc.serial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import trefoil.machine.CharBackend;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.fake.ProbeLine;
import trefoil.pc.DeviceFuzz;

class UartTest {
    /** Takes and gives as much as it is told. */
    private static final class Terminal implements CharBackend {
        private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
        private byte[] typed = {};
        private int room = Integer.MAX_VALUE;
        private Runnable ready;

        @Override
        public int write(byte[] from, int offset, int length) {
            int n = Math.min(room, length);
            shown.write(from, offset, n);
            room -= n;
            return n;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int n = Math.min(length, typed.length);
            System.arraycopy(typed, 0, into, offset, n);
            typed = java.util.Arrays.copyOfRange(typed, n, typed.length);
            return n;
        }

        @Override
        public void listen(Runnable told) {
            ready = told;
        }

        void type(String text) {
            typed = text.getBytes(StandardCharsets.US_ASCII);
            ready.run();
        }

        @Override
        public void close() {}
    }

    private final ManualClock clock = new ManualClock();
    private final ProbeLine irq = new ProbeLine();
    private final Terminal terminal = new Terminal();
    private final Uart16550 uart = new Uart16550(clock, irq, terminal);

    @Test
    void bytesGoOutAndTheTransmitterSaysWhenItIsEmpty() {
        uart.write(4, 0x0B);
        assertThat(uart.read(5)).isEqualTo(0x60);
        uart.write(1, 2);
        assertThat(irq.isHigh()).as("empty when enabled").isTrue();
        assertThat(uart.read(2)).isEqualTo(0x02);
        assertThat(irq.isHigh()).isFalse();
        assertThat(uart.read(2)).isEqualTo(0x01);
        for (char c : "login: ".toCharArray()) {
            uart.write(0, c);
        }
        assertThat(terminal.shown).hasToString("login: ");
        assertThat(irq.isHigh()).isTrue();
        uart.write(4, 0x03);
        assertThat(irq.isHigh()).as("OUT2 gates the interrupt").isFalse();
    }

    @Test
    void slowTerminalHoldsTheTransmitter() {
        uart.write(4, 0x0B);
        uart.write(2, 1);
        uart.write(1, 2);
        uart.read(2);
        terminal.room = 3;
        for (char c : "abcdef".toCharArray()) {
            uart.write(0, c);
        }
        assertThat(terminal.shown).hasToString("abc");
        assertThat(uart.read(5)).isZero();
        assertThat(irq.isHigh()).isFalse();
        terminal.room = 100;
        terminal.ready.run();
        assertThat(terminal.shown).hasToString("abcdef");
        assertThat(irq.isHigh()).isTrue();
        assertThat(uart.read(5)).isEqualTo(0x60);
    }

    @Test
    void receiverInterruptsAtItsTriggerAndAfterATime() {
        uart.write(4, 0x0B);
        uart.write(2, 0x81); // 8 bytes
        uart.write(1, 1);
        terminal.type("1234567");
        assertThat(irq.isHigh()).isFalse();
        clock.advance(4 * 86_806 * 12 - 1);
        assertThat(irq.isHigh()).isFalse();
        clock.advance(1);
        assertThat(uart.read(2)).isEqualTo(0xCC);
        assertThat(uart.read(0)).isEqualTo('1');
        assertThat(irq.isHigh()).isFalse();
        terminal.type("89abcdefghijklmnop");
        assertThat(uart.read(2)).isEqualTo(0xC4);
        StringBuilder read = new StringBuilder();
        while ((uart.read(5) & 1) != 0) {
            read.append((char) uart.read(0));
        }
        assertThat(read.toString()).as("nothing is lost").isEqualTo("23456789abcdefghijklmnop");
    }

    @Test
    void loopback() {
        uart.write(4, 0x1A); // LOOP, OUT2, RTS
        assertThat(uart.read(6)).isEqualTo(0x90 | 0x02);
        uart.write(0, 'x');
        assertThat(uart.read(5)).isEqualTo(0x61);
        uart.write(0, 'y');
        assertThat(uart.read(5)).as("overrun").isEqualTo(0x63);
        assertThat(uart.read(0)).isEqualTo('y');
        assertThat(terminal.shown.size()).isZero();
        uart.write(4, 0x08);
        assertThat(uart.read(6)).isEqualTo(0xB0 | 0x02);
    }

    @Test
    void divisorLatchAndScratch() {
        uart.write(3, 0x83);
        uart.write(0, 0x34);
        uart.write(1, 0x12);
        assertThat(uart.read(0)).isEqualTo(0x34);
        assertThat(uart.read(1)).isEqualTo(0x12);
        uart.write(3, 0x03);
        assertThat(uart.read(1)).isZero();
        uart.write(7, 0xA5);
        assertThat(uart.read(7)).isEqualTo(0xA5);
    }

    @Test
    void survivesWildPrograms() throws Exception {
        new DeviceFuzz<>(Uart16550.State.class, time -> {
                    ProbeLine line = new ProbeLine();
                    Terminal end = new Terminal();
                    Uart16550 chip = new Uart16550(time, line, end);
                    return DeviceFuzz.Subject.of(chip::state, chip::restore).ports(chip, 8).watch(line).deed(random -> {
                        end.typed = new byte[0];
                        end.room = random.nextInt(20);
                        end.type("x".repeat(random.nextInt(20)));
                        int left = end.typed.length;
                        end.typed = new byte[0];
                        return left;
                    });
                })
                .run(60, 2_000);
    }
}
