package trefoil.linux.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;

class NetworkNamespaceTest {
    @BeforeEach
    void root() {
        assumeTrue(Files.isReadable(Path.of("/proc/1/environ")), "needs root for network namespaces");
    }

    private static String here() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void visitsHappenInsideAndNoThreadStays() throws Exception {
        String home = here();
        try (FileDescriptor one = NetworkNamespace.create(); FileDescriptor two = NetworkNamespace.create();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String first = NetworkNamespace.call(one, NetworkNamespaceTest::here);
            String second = NetworkNamespace.call(two, NetworkNamespaceTest::here);
            assertThat(List.of(home, first, second)).doesNotHaveDuplicates();
            List<Future<String>> visits = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                FileDescriptor target = i % 2 == 0 ? one : two;
                Callable<String> visit = () -> NetworkNamespace.call(target, NetworkNamespaceTest::here) + here();
                visits.add(threads.submit(visit));
            }
            for (int i = 0; i < 200; i++) {
                assertThat(visits.get(i).get()).isEqualTo((i % 2 == 0 ? first : second) + home);
            }
        }
        assertThat(here()).isEqualTo(home);
    }

    @Test
    void whatTheVisitThrowsComesBackAsItIs() throws Exception {
        try (FileDescriptor one = NetworkNamespace.create()) {
            assertThatThrownBy(() -> NetworkNamespace.call(one, () -> {
                throw new ErrnoException("test", Errno.EIO);
            })).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
            assertThatThrownBy(() -> NetworkNamespace.call(one, () -> {
                throw new IllegalArgumentException("mine");
            })).isInstanceOf(IllegalArgumentException.class).hasMessage("mine");
        }
    }

    @Test
    void whatIsNoNetworkNamespaceIsRefused() {
        FileDescriptor closed = new FileDescriptor(1_000_000, "nothing");
        assertThatThrownBy(() -> NetworkNamespace.call(closed, NetworkNamespaceTest::here))
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
    }
}
