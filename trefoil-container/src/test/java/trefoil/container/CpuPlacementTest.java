package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.process.Affinity;

/** Where servers with a CPU cap run: the choice, and what nproc inside makes of it on the real kernel. */
class CpuPlacementTest {
    private EngineFixture host;

    @BeforeEach
    void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: namespaces and mounts");
        host = new EngineFixture();
    }

    @AfterEach
    void close() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    private static BitSet cpus(int... numbers) {
        BitSet set = new BitSet();
        for (int number : numbers) {
            set.set(number);
        }
        return set;
    }

    @Test
    void choosesThoseThatFewestAreBoundTo() {
        BitSet four = cpus(0, 1, 2, 5);
        assertThat(CpuPlacement.choose(null, four, List.of())).isEqualTo(four);
        assertThat(CpuPlacement.choose(4.0, four, List.of())).isEqualTo(four);
        assertThat(CpuPlacement.choose(3.5, four, List.of(cpus(0)))).isEqualTo(four);
        assertThat(CpuPlacement.choose(1.0, four, List.of())).isEqualTo(cpus(0));
        assertThat(CpuPlacement.choose(0.2, four, List.of(cpus(0), four))).isEqualTo(cpus(1));
        assertThat(CpuPlacement.choose(2.0, four, List.of(cpus(0), cpus(1)))).isEqualTo(cpus(2, 5));
        assertThat(CpuPlacement.choose(1.5, four, List.of(cpus(0, 1), cpus(0, 2)))).isEqualTo(cpus(1, 5));
    }

    private static ResourceLimits cap(Double cpus) {
        return new ResourceLimits(null, cpus, null, null, null, null, null, null);
    }

    private Container start(String name, Double cap) throws Exception {
        ContainerSpec plain = host.spec(name, "/bin/sh", "-c", "nproc; exec sleep 1000");
        ContainerSpec capped = new ContainerSpec(
                plain.name(), plain.directory(), plain.layers(), plain.command(), plain.environment(), plain.idBase(), cap(cap), null, false);
        host.engine.create(capped);
        return host.engine.start(capped, ContainerEngine.NetworkSetup.NONE);
    }

    @Test
    void nprocIsTheCapAndFollowsIt() throws Exception {
        int all = Affinity.of(0).cardinality();
        Assumptions.assumeTrue(all > 1, "needs more than one CPU");
        Container one = start("one", 1.0);
        Container two = start("two", 0.5);
        assertThat(EngineFixture.output(one, "nproc")).isEqualTo("1\n");
        assertThat(EngineFixture.output(two, "nproc")).isEqualTo("1\n");
        assertThat(Affinity.of(one.pid())).as("not on the same CPU").isNotEqualTo(Affinity.of(two.pid()));
        one.limits(cap(null));
        assertThat(Affinity.of(one.pid()).cardinality()).isEqualTo(all);
        assertThat(EngineFixture.output(one, "nproc")).isEqualTo(all + "\n");
        one.limits(cap(1.0));
        assertThat(EngineFixture.output(one, "nproc")).isEqualTo("1\n");
    }

    @Test
    void eachStartIsABootOfItsOwn() throws Exception {
        Container first = start("first", null);
        Container second = start("second", null);
        String boot = EngineFixture.output(first, "cat", "/proc/sys/kernel/random/boot_id");
        assertThat(boot).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n");
        assertThat(EngineFixture.output(second, "cat", "/proc/sys/kernel/random/boot_id")).isNotEqualTo(boot);
        host.letGo();
        host.reopen();
        Container again = host.engine.adopt(first.spec()).orElseThrow();
        assertThat(EngineFixture.output(again, "cat", "/proc/sys/kernel/random/boot_id")).isEqualTo(boot);
    }
}
