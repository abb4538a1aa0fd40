package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.namespace.NetworkNamespace;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/** Interfaces that are deleted at the same time are deleted together. */
@Timeout(60)
class LinkRemovalTest {
    private static final int LINKS = 120;

    /** Passes everything on and writes down what it was. */
    private record Counting(LinkRemoval.Requests real, Crowd crowd, List<String> made) implements LinkRemoval.Requests {
        @Override
        public void join(String name) throws ErrnoException {
            real.join(name);
        }

        @Override
        public void deleteGroup() throws ErrnoException {
            crowd.hold();
            made.add("group");
            real.deleteGroup();
        }

        @Override
        public void delete(String name) throws ErrnoException {
            crowd.hold();
            made.add(name);
            real.delete(name);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    @Test
    void manyAtATimeTakeFarFewerRequests() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/1/environ")), "needs root for network namespaces");
        try (FileDescriptor namespace = NetworkNamespace.create();
                RouteSocket socket = NetworkNamespace.routeSocket(namespace)) {
            for (int i = 0; i < LINKS; i++) {
                socket.run(new RouteBatch().ifb("l" + i, 1500));
            }
            Crowd crowd = new Crowd();
            Counting requests = new Counting(
                    new LinkRemoval.Socket(NetworkNamespace.routeSocket(namespace)), crowd, new ArrayList<>());
            try (LinkRemoval removal = new LinkRemoval(requests)) {
                assertThat(crowd.run(LINKS, i -> removal.remove("l" + i, "absent" + i))).containsOnlyNulls();
            }
            assertThat(socket.links()).noneMatch(link -> link.name().startsWith("l") && !link.name().equals("lo"));
            assertThat(requests.made).containsExactly("group", "group");
        }
    }

    /** Has one interface that cannot be deleted, and no groups. */
    private static final class Refusing implements LinkRemoval.Requests {
        private final List<String> deleted = new ArrayList<>();

        @Override
        public void join(String name) {
            // it may
        }

        @Override
        public void deleteGroup() throws ErrnoException {
            throw new ErrnoException("delete group", Errno.EOPNOTSUPP);
        }

        @Override
        public void delete(String name) throws ErrnoException {
            if (name.equals("stuck")) {
                throw new ErrnoException("delete " + name, Errno.EBUSY);
            }
            if (name.equals("absent")) {
                throw new ErrnoException("delete " + name, Errno.ENODEV);
            }
            deleted.add(name);
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    @Test
    void whereTheGroupIsRefusedEachIsDeletedByItselfAndTheLogSaysWhy() throws Exception {
        List<String> said = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                said.add(line.getMessage());
            }

            @Override
            public void flush() {
                // nothing is kept back
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
        Logger log = Logger.getLogger(LinkRemoval.class.getName());
        log.setLevel(Level.FINE);
        log.addHandler(handler);
        Refusing requests = new Refusing();
        try (LinkRemoval removal = new LinkRemoval(requests)) {
            removal.remove("a", "absent");
            assertThatThrownBy(() -> removal.remove("stuck", "b")).isInstanceOf(ErrnoException.class).hasMessageContaining("stuck");
        } finally {
            log.removeHandler(handler);
            log.setLevel(null);
        }
        assertThat(requests.deleted).containsExactly("a", "b");
        assertThat(said).hasSize(2).allMatch(line -> line.contains("EOPNOTSUPP") || line.contains("delete group"));
    }
}
