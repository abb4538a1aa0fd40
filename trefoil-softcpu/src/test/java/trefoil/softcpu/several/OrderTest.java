package trefoil.softcpu.several;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.softcpu.several.Litmus.*;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The order of loads and stores that other processors see (Intel SDM Vol. 3, 9.2.3): what x86 forbids is never seen in about 10^5 rounds of each. */
class OrderTest {
    private static final int BATCHES = 6 * LONGER;
    private static final int BATCHES_OF_FOUR = 2 * LONGER;
    private static final int ATTEMPTS = 20;

    @Test
    void storesAreSeenInTheirOrderByLoadsInTheirs() {
        assertThat(count(BATCHES, (seen, x, y) -> seen[2] == 1 && seen[3] == 0, X_IS_1 + Y_IS_1, FIRST_IS_Y + SECOND_IS_X)).as("message passing").isZero();
    }

    @Test
    void loadsAreNotReorderedWithLaterStores() {
        assertThat(count(BATCHES, (seen, x, y) -> seen[0] == 1 && seen[2] == 1, FIRST_IS_X + Y_IS_1, FIRST_IS_Y + X_IS_1)).as("load buffering").isZero();
    }

    @Test
    void loadsMayBeReorderedWithEarlierStoresButNotAcrossAFence() {
        assertThat(count(BATCHES, (seen, x, y) -> seen[0] == 0 && seen[2] == 0, X_IS_1 + MFENCE + FIRST_IS_Y, Y_IS_1 + MFENCE + FIRST_IS_X)).as("store buffering with MFENCE").isZero();
        int with = count(BATCHES, (seen, x, y) -> seen[0] + seen[2] > 2, X_IS_1 + FIRST_IS_Y, Y_IS_1 + FIRST_IS_X);
        assertThat(with).as("store buffering: values that nobody stored").isZero();
    }

    @Test
    void lockedOperationsAreFences() {
        String exchange = "b801000000 488706"; // mov eax, 1; xchg [rsi], rax
        String other = "b801000000 488707";
        assertThat(count(BATCHES, (seen, x, y) -> seen[0] == 0 && seen[2] == 0, exchange + FIRST_IS_Y, other + FIRST_IS_X)).as("store buffering with XCHG").isZero();
    }

    @Test
    void aStoreAfterALoadIsAfterWhatTheLoadSaw() {
        assertThat(count(BATCHES, (seen, x, y) -> seen[2] == 1 && x == 2, X_IS_2 + Y_IS_1, FIRST_IS_Y + X_IS_1)).as("S").isZero();
        assertThat(count(BATCHES, (seen, x, y) -> y == 2 && seen[2] == 0, X_IS_1 + Y_IS_1, Y_IS_2 + MFENCE + FIRST_IS_X)).as("R with MFENCE").isZero();
        assertThat(count(BATCHES, (seen, x, y) -> x == 1 && y == 1, X_IS_1 + Y_IS_2, Y_IS_1 + X_IS_2)).as("2+2W").isZero();
    }

    @Test
    void allSeeTheStoresOfOthersInOneOrder() {
        assertThat(count(BATCHES_OF_FOUR, (seen, x, y) -> seen[4] == 1 && seen[5] == 0 && seen[6] == 1 && seen[7] == 0, X_IS_1, Y_IS_1, FIRST_IS_X + SECOND_IS_Y, FIRST_IS_Y + SECOND_IS_X))
                .as("independent reads of independent writes").isZero();
    }

    @Test
    void theRoundsMeet() {
        // If the processors took turns, no forbidden outcome could be seen, whatever they do: so each order must come up, and both at once. A host that is busy may need a while to give two threads their places together.
        int[] found = new int[4];
        for (int attempt = 0; attempt < ATTEMPTS && (found[1] == 0 || found[2] == 0 || found[0] + found[3] == 0); attempt++) {
            count(BATCHES, (seen, x, y) -> ++found[(int) (2 * seen[0] + seen[2])] < 0, X_IS_1 + FIRST_IS_Y, Y_IS_1 + FIRST_IS_X);
        }
        assertThat(found[1]).as("the first went first: %s", Arrays.toString(found)).isPositive();
        assertThat(found[2]).as("the second went first: %s", Arrays.toString(found)).isPositive();
        assertThat(found[0] + found[3]).as("both at once: %s", Arrays.toString(found)).isPositive();
    }
}
