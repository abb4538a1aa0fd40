package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LitterTest {
    private final List<String> removed = new ArrayList<>();

    @Test
    void theLastIsRemovedFirstAndOnce() throws InterruptedException {
        Litter litter = new Litter();
        litter.add(() -> removed.add("directory"));
        litter.add(() -> {
            throw new IOException("this one stays");
        });
        litter.add(() -> removed.add("process"));
        assertThat(litter.over()).isFalse();
        litter.close();
        litter.close();
        assertThat(litter.over()).isTrue();
        assertThat(removed).containsExactly("process", "directory");
    }

    @Test
    void whatComesTooLateIsRemovedAtOnce() {
        Litter litter = new Litter();
        litter.close();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> litter.add(() -> removed.add("process")));
        assertThat(removed).containsExactly("process");
    }
}
