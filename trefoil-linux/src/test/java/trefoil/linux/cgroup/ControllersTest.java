package trefoil.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/** What a refused limit says. */
class ControllersTest {
    @Test
    void aMemoryCapBelowUseIsRefusedInSizesThatPeopleRead() {
        assertThat(Controllers.tooMuchMemory(50 << 20, 24 << 20, new ErrnoException("write", Errno.EBUSY)))
                .hasMessage("cannot lower the memory cap to 24 MiB: 50 MiB are in use and no more can be reclaimed");
    }
}
