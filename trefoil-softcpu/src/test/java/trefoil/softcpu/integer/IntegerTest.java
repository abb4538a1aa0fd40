package trefoil.softcpu.integer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import trefoil.softcpu.fixture.Lab;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.Rflags;

/** What needs more than registers: division, the stack, strings, faults in between. The rest is compared with a real processor elsewhere. */
class IntegerTest {
    private final Lab lab = families(new Lab().long64());

    private static Lab families(Lab lab) {
        return lab.with(new Alu(lab.cpu, lab.mmu, lab.operands))
                .with(new Shifts(lab.cpu, lab.mmu, lab.operands))
                .with(new MultiplyDivide(lab.cpu, lab.mmu, lab.operands))
                .with(new Bits(lab.cpu, lab.mmu, lab.operands))
                .with(new Transfers(lab.cpu, lab.mmu, lab.operands))
                .with(new Branches(lab.cpu, lab.mmu, lab.operands))
                .with(new Strings(lab.cpu, lab.mmu, lab.operands));
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void quotientsOf128BitsAreExact() {
        SplittableRandom random = new SplittableRandom(20261123);
        for (int n = 0; n < 200_000; n++) {
            long divisor = random.nextLong() >>> random.nextInt(63) | 1;
            long high = Long.remainderUnsigned(random.nextLong(), divisor);
            long low = random.nextLong();
            BigInteger dividend = unsigned(high).shiftLeft(64).add(unsigned(low));
            assertThat(MultiplyDivide.quotient(high, low, divisor)).isEqualTo(dividend.divide(unsigned(divisor)).longValue());
        }
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    @Test
    void divisionThatDoesNotFitFaultsAndChangesNothing() {
        lab.cpu.general(0, 5);
        lab.cpu.general(2, 7);
        lab.cpu.general(3, 7);
        assertThat(lab.faultOf("48 f7 f3").vector()).isEqualTo(Vector.DE);
        assertThat(lab.cpu.general(0)).isEqualTo(5);
        assertThat(lab.cpu.general(2)).isEqualTo(7);
    }

    @Test
    void additionSetsItsFlags() {
        lab.cpu.general(0, 0x7FFF_FFFFL);
        lab.execute("83 c0 01"); // add eax, 1
        assertThat(lab.cpu.general(0)).isEqualTo(0x8000_0000L);
        assertThat(lab.cpu.status()).isEqualTo(Rflags.OF | Rflags.SF | Rflags.AF | Rflags.PF);
    }

    @Test
    void aPushThatFaultsMovesNothing() {
        lab.cpu.general(4, 0x4000_0000L + 4);
        assertThat(lab.faultOf("50").vector()).isEqualTo(Vector.PF);
        assertThat(lab.cpu.general(4)).isEqualTo(0x4000_0004L);
        assertThat(lab.cpu.cr2).as("the second page of the two").isEqualTo(0x4000_0000L);
    }

    @Test
    void popIntoMemoryByTheStackPointerUsesItsNewValue() throws Exception {
        lab.cpu.general(4, 0x20_0000);
        lab.memory.putLong(0x20_0000, 42);
        lab.execute("8f 04 24"); // pop qword [rsp]
        assertThat(lab.memory.getLong(0x20_0008)).isEqualTo(42);
    }

    @Test
    void repMovsGoesOverPagesAndLeavesRegistersAtTheEnd() throws Exception {
        for (int n = 0; n < 10_000; n++) {
            lab.memory.putByte(0x20_0123 + n, n * 7);
        }
        lab.cpu.general(6, 0x20_0123);
        lab.cpu.general(7, 0x30_0FF0);
        lab.cpu.general(1, 10_000);
        lab.cpu.attention.set(0);
        lab.execute("f3 a4");
        for (int n = 0; n < 10_000; n++) {
            assertThat(lab.memory.getByte(0x30_0FF0 + n)).isEqualTo(n * 7 & 0xFF);
        }
        assertThat(lab.cpu.general(1)).isZero();
        assertThat(lab.cpu.general(6)).isEqualTo(0x20_0123 + 10_000);
    }

    @Test
    void overlappingRepMovsRepeatsThePattern() throws Exception {
        lab.bytes(0x20_0000, "01 02 03");
        lab.cpu.general(6, 0x20_0000);
        lab.cpu.general(7, 0x20_0003);
        lab.cpu.general(1, 300);
        lab.cpu.attention.set(0);
        lab.execute("f3 a4");
        for (int n = 0; n < 303; n++) {
            assertThat(lab.memory.getByte(0x20_0000 + n)).isEqualTo(n % 3 + 1);
        }
    }

    @Test
    void repStopsForAttentionAndGoesOn() {
        lab.cpu.general(7, 0x20_0000);
        lab.cpu.general(1, 20_000);
        lab.cpu.attention.set(1);
        lab.cpu.rip = 0x1000;
        lab.execute("f3 aa");
        assertThat(lab.cpu.rip).isEqualTo(0x1000);
        assertThat(lab.cpu.general(1)).isBetween(1L, 19_999L);
        assertThat(lab.cpu.general(7)).isEqualTo(0x20_0000 + 20_000 - lab.cpu.general(1));
    }
}
