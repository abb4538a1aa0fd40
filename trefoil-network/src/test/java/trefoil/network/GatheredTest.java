package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/** Who comes while a request runs goes with the next one. */
@Timeout(30)
class GatheredTest {
    private static final int REFUSED = 13;

    private final List<List<Integer>> requests = new ArrayList<>();

    private Map<Integer, ErrnoException> remove(List<Integer> all) {
        requests.add(all);
        return all.contains(REFUSED) ? Map.of(REFUSED, new ErrnoException("remove 13", Errno.EPERM)) : Map.of();
    }

    @Test
    void whoComesWhileARequestRunsGoesWithTheNext() throws Exception {
        Crowd crowd = new Crowd();
        Gathered<Integer> gathered = new Gathered<>(30, all -> {
            crowd.hold();
            return remove(all);
        });
        List<Throwable> failures = crowd.run(41, gathered::remove);
        assertThat(requests).hasSize(3);
        assertThat(requests.get(0)).containsExactly(0);
        assertThat(requests.get(1)).hasSize(30);
        assertThat(requests.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 41).boxed().toList());
        for (int i = 0; i < 41; i++) {
            assertThat(failures.get(i) instanceof ErrnoException).as("%d is refused", i).isEqualTo(i == REFUSED);
        }
    }

    @Test
    void oneThatComesAloneWaitsForNobody() throws Exception {
        Gathered<Integer> gathered = new Gathered<>(30, this::remove);
        gathered.remove(1);
        gathered.remove(1);
        assertThat(requests).containsExactly(List.of(1), List.of(1));
    }

    @Test
    void aRequestThatBreaksOffHoldsNobodyUp() throws Exception {
        Gathered<Integer> gathered = new Gathered<>(30, all -> {
            if (all.contains(7)) {
                throw new IllegalStateException("closed");
            }
            return remove(all);
        });
        assertThatThrownBy(() -> gathered.remove(7)).isInstanceOf(IllegalStateException.class);
        gathered.remove(8);
        assertThat(requests).containsExactly(List.of(8));
    }
}
