package trefoil.linux.namespace;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.netlink.RouteSocket;

/**
 * Network namespaces, {@code network_namespaces(7)}. A thread's namespace is a property of the kernel's thread, so a
 * virtual thread must never change it: work that has to happen inside is handed to platform threads kept for this, which
 * return home after each piece; one that could not return home is never used again.
 */
public final class NetworkNamespace {
    private static final int SYS_OPEN = 2;
    private static final int SYS_SETNS = 308;
    private static final int SYS_UNSHARE = 272;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int O_RDONLY_CLOEXEC = 0x80000;

    private static final int IDLE_SECONDS = 5; // an idle thread holds the namespace it was made in

    private static final ExecutorService VISITORS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("network-namespace-", 0).factory());

    private NetworkNamespace() {}

    /** Work that may fail as a system call does. */
    @FunctionalInterface
    public interface Visit<T> {
        /** Runs inside the namespace. */
        T run() throws ErrnoException;
    }

    /** The calling thread's namespace. */
    public static FileDescriptor current() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/proc/thread-self/ns/net");
            long fd = Syscall.call("open(/proc/thread-self/ns/net)", SYS_OPEN, path.address(), O_RDONLY_CLOEXEC, 0);
            return new FileDescriptor((int) fd, "network namespace");
        }
    }

    /** A new, empty namespace that lives as long as its descriptor or something inside does. Its loopback is down. */
    public static FileDescriptor create() throws ErrnoException {
        return visit(() -> {
            Syscall.call("unshare(CLONE_NEWNET)", SYS_UNSHARE, CLONE_NEWNET, 0, 0);
            return current();
        });
    }

    /** A netlink socket that belongs to the namespace, usable by any thread. */
    public static RouteSocket routeSocket(FileDescriptor namespace) throws ErrnoException {
        return call(namespace, RouteSocket::open);
    }

    /**
     * Runs the work on a platform thread inside the namespace and waits for it.
     *
     * @throws ErrnoException what the work threw, or setns(2): EPERM without CAP_SYS_ADMIN over the namespace
     */
    public static <T> T call(FileDescriptor namespace, Visit<T> work) throws ErrnoException {
        return visit(() -> {
            enter(namespace);
            return work.run();
        });
    }

    private static void enter(FileDescriptor namespace) throws ErrnoException {
        Syscall.call("setns(" + namespace + ", CLONE_NEWNET)", SYS_SETNS, namespace.number(), CLONE_NEWNET, 0);
    }

    private static <T> T visit(Visit<T> work) throws ErrnoException {
        CompletableFuture<T> result = new CompletableFuture<>();
        VISITORS.execute(() -> {
            try (FileDescriptor home = current()) {
                T value = attempt(work, result);
                enter(home); // before the caller knows: its next visit may take this thread
                result.complete(value);
            } catch (ErrnoException e) {
                result.completeExceptionally(e);
                throw new StrandedThreadError(e); // ends this thread: it must do nothing more inside
            }
        });
        return await(result);
    }

    private static <T> T attempt(Visit<T> work, CompletableFuture<T> result) {
        try {
            return work.run();
        } catch (ErrnoException | RuntimeException | Error e) {
            result.completeExceptionally(e);
            return null;
        }
    }

    /** Waits without being interruptible: a visit is short, and its result may own a descriptor. */
    private static <T> T await(CompletableFuture<T> result) throws ErrnoException {
        try {
            return result.join();
        } catch (CompletionException e) {
            throw rethrown(e.getCause());
        }
    }

    private static final class StrandedThreadError extends Error {
        private static final long serialVersionUID = 1L;

        StrandedThreadError(Throwable cause) {
            super("a thread could not return from a network namespace and ends", cause);
        }
    }

    private static ErrnoException rethrown(Throwable cause) {
        return switch (cause) {
            case ErrnoException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> throw new IllegalStateException("a visit throws nothing else", cause);
        };
    }
}
