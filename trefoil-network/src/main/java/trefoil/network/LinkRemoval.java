package trefoil.network;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/**
 * Deletes interfaces. Each deletion waits for the kernel's grace periods, tens of milliseconds under a lock that all
 * changes of interfaces take; but one deletion of a whole group (IFLA_GROUP, rtnetlink(7)) waits once. So whoever comes
 * while one runs is {@linkplain Gathered gathered} into the next. On a socket of its own, so that nobody else waits with
 * it. Thread-safe.
 */
final class LinkRemoval implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LinkRemoval.class.getName());

    /** "trefoil" in no alphabet; a group that nothing else uses is all that is asked of it. */
    private static final int GROUP = 0x7ef0_11ed;

    private static final int MOST = 200;

    /** Requests to the kernel; each waits for its answer. */
    interface Requests extends AutoCloseable {
        /** Puts an interface into the group; ENODEV when it is not there. */
        void join(String name) throws ErrnoException;

        /** Deletes all of the group; ENODEV when there are none. */
        void deleteGroup() throws ErrnoException;

        /** Deletes one; ENODEV when it is not there. */
        void delete(String name) throws ErrnoException;

        @Override
        void close();
    }

    /** Those of a socket; it is closed with them. */
    record Socket(RouteSocket socket) implements Requests {
        @Override
        public void join(String name) throws ErrnoException {
            socket.run(new RouteBatch().group(name, GROUP));
        }

        @Override
        public void deleteGroup() throws ErrnoException {
            socket.run(new RouteBatch().deleteGroup(GROUP));
        }

        @Override
        public void delete(String name) throws ErrnoException {
            socket.run(new RouteBatch().deleteLink(name));
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private final Requests requests;
    private final Gathered<List<String>> gathered = new Gathered<>(MOST, this::delete);

    LinkRemoval(Requests requests) {
        this.requests = requests;
    }

    /** Deletes the interfaces and returns when they are gone; one that is not there does not matter. */
    void remove(String... names) throws ErrnoException {
        gathered.remove(List.of(names));
    }

    private Map<List<String>, ErrnoException> delete(List<List<String>> all) {
        List<String> names = all.stream().flatMap(List::stream).toList();
        if (names.size() > 1 && deleteGroup(names)) {
            return Map.of();
        }
        Map<List<String>, ErrnoException> failures = new LinkedHashMap<>();
        for (List<String> wish : all) {
            for (String name : wish) {
                try {
                    requests.delete(name);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.ENODEV) {
                        failures.putIfAbsent(wish, e);
                    }
                }
            }
        }
        return failures;
    }

    /** Whether all went well; when not, each is deleted by itself, which tells what is wrong with which. */
    private boolean deleteGroup(List<String> names) {
        try {
            List<String> there = new ArrayList<>();
            for (String name : names) {
                if (joins(name)) {
                    there.add(name);
                }
            }
            if (!there.isEmpty()) {
                requests.deleteGroup();
            }
            return true;
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, () -> names.size() + " interfaces are deleted one by one, since deleting them together was refused: " + e.getMessage());
            return false;
        }
    }

    private boolean joins(String name) throws ErrnoException {
        try {
            requests.join(name);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        requests.close();
    }
}
