package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.netlink.NftSocket;

/** Ports that are dismissed at the same time are dismissed together; needs root. */
@Timeout(60)
class PortGuardTest {
    private static final int PORTS = 120;

    private final Crowd crowd = new Crowd();
    private final AtomicInteger transactions = new AtomicInteger();

    private static List<Attachment> places(Sandbox sandbox, NetworkSpec net, int count) throws Exception {
        List<Attachment> places = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < count; i++) {
            places.add(sandbox.networks.place(net, "s" + i, taken));
            taken.add(places.getLast().ipv4());
        }
        return places;
    }

    private PortGuard guard(Sandbox sandbox) throws Exception {
        NftSocket own = sandbox.fromHost(NftSocket::open);
        return new PortGuard(own::run, batch -> {
            crowd.hold();
            transactions.incrementAndGet();
            own.run(batch);
        }, own, sandbox.tag);
    }

    private static String known(Sandbox sandbox) throws Exception {
        return sandbox.must(sandbox.host, "nft", "list", "table", "bridge", Ruleset.tableName(sandbox.tag));
    }

    @Test
    void manyAtATimeTakeFarFewerTransactions() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            NetworkSpec net = sandbox.up("default");
            String before = known(sandbox);
            List<Attachment> places = places(sandbox, net, PORTS);
            try (PortGuard guard = guard(sandbox)) {
                for (int i = 0; i < PORTS; i += 2) { // every other one is not known
                    guard.admit(net.bridge(), places.get(i));
                }
                assertThat(known(sandbox)).contains(places.getFirst().hostInterface());
                assertThat(crowd.run(PORTS, i -> guard.dismiss(places.get(i)))).containsOnlyNulls();
            }
            assertThat(known(sandbox)).isEqualTo(before);
            assertThat(transactions).hasValue(3); // one, 64, the rest
        }
    }

    @Test
    void withoutRulesThereIsNothingToForget() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            NetworkSpec net = sandbox.up("default");
            Attachment place = places(sandbox, net, 1).getFirst();
            sandbox.onHost(() -> sandbox.networks.down(net));
            try (PortGuard guard = guard(sandbox)) {
                assertThat(crowd.run(1, i -> guard.dismiss(place))).containsOnlyNulls();
            }
            assertThat(transactions).hasValueGreaterThan(1);
        }
    }
}
