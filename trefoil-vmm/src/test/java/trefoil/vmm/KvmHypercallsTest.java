package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import trefoil.engine.Hypercalls;
import trefoil.engine.Vcpu;
import trefoil.machine.Msi;

class KvmHypercallsTest {
    private final List<String> woken = new ArrayList<>();
    private final List<Msi> sent = new ArrayList<>();
    private final KvmHypercalls calls = new KvmHypercalls(IntStream.range(0, 4).mapToObj(this::vcpu).toList(), sent::add);

    private Vcpu vcpu(int number) {
        return (Vcpu) Proxy.newProxyInstance(Vcpu.class.getClassLoader(), new Class<?>[] {Vcpu.class}, (proxy, method, arguments) -> {
            woken.add(method.getName() + " " + number);
            return null;
        });
    }

    @Test
    void aProcessorIsKickedByItsApicId() {
        assertThat(calls.call(KvmHypercalls.KICK_CPU, 0, 2, 0, 0)).isZero();
        assertThat(calls.call(KvmHypercalls.KICK_CPU, 0, 4, 0, 0)).isZero();
        assertThat(calls.call(KvmHypercalls.KICK_CPU, 0, -1, 0, 0)).isZero();
        assertThat(woken).containsExactly("wake 2");
    }

    @Test
    void oneInterruptGoesToAllThatAreMeantAndExist() {
        assertThat(calls.call(KvmHypercalls.SEND_IPI, 0b101, 0, 1, 0x40FB)).isEqualTo(2);
        assertThat(sent).containsExactly(new Msi(0xFEE0_1000L, 0xFB), new Msi(0xFEE0_3000L, 0xFB));
        sent.clear();
        assertThat(calls.call(KvmHypercalls.SEND_IPI, -1, -1, 0, 0x400)).as("NMI").isEqualTo(4);
        assertThat(sent).extracting(Msi::data).containsOnly(0x400);
        sent.clear();
        assertThat(calls.call(KvmHypercalls.SEND_IPI, -1, -1, -1, 0xFB)).isZero();
        assertThat(calls.call(KvmHypercalls.SEND_IPI, 1, 0, 0, 0x8FB)).as("logical").isEqualTo(KvmHypercalls.EINVAL);
        assertThat(calls.call(KvmHypercalls.SEND_IPI, 1, 0, 0, 0x500)).as("INIT").isEqualTo(KvmHypercalls.EINVAL);
        assertThat(sent).isEmpty();
    }

    @Test
    void othersAreUnknown() {
        assertThat(calls.call(KvmHypercalls.SCHED_YIELD, 1, 0, 0, 0)).isZero();
        assertThat(calls.call(0, 0, 0, 0, 0)).isEqualTo(Hypercalls.ENOSYS);
        assertThat(calls.call(99, 0, 0, 0, 0)).isEqualTo(Hypercalls.ENOSYS);
    }
}
