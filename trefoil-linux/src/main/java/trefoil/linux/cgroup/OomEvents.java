package trefoil.linux.cgroup;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.host.KernelFile;

/** Descriptors that turn readable when a group runs out of memory. */
final class OomEvents {
    private static final int SYS_INOTIFY_ADD_WATCH = 254;
    private static final int SYS_EVENTFD2 = 290;
    private static final int SYS_INOTIFY_INIT1 = 294;
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final int IN_MODIFY = 2;

    private OomEvents() {}

    /** An eventfd registered in {@code cgroup.event_control} (cgroup-v1/memory.rst, "OOM Control"). */
    static FileDescriptor ofV1(Path memoryGroup) throws ErrnoException {
        FileDescriptor event =
                new FileDescriptor((int) Syscall.call("eventfd2", SYS_EVENTFD2, 0, NONBLOCK_CLOEXEC, 0), "oom events");
        try (FileDescriptor control = KernelFile.open(memoryGroup + "/memory.oom_control", KernelFile.O_RDONLY)) {
            KernelFile.write(memoryGroup + "/cgroup.event_control", event.number() + " " + control.number());
            return event;
        } catch (ErrnoException e) {
            event.close();
            throw e;
        }
    }

    /** An inotify(7) instance on {@code memory.events}, which the kernel touches when a count in it changes. */
    static FileDescriptor ofV2(Path group) throws ErrnoException {
        FileDescriptor inotify = new FileDescriptor(
                (int) Syscall.call("inotify_init1", SYS_INOTIFY_INIT1, NONBLOCK_CLOEXEC, 0, 0), "oom events");
        try (Arena arena = Arena.ofConfined()) {
            String file = group + "/memory.events";
            long path = arena.allocateFrom(file).address();
            Syscall.call("inotify_add_watch(\"" + file + "\")", SYS_INOTIFY_ADD_WATCH, inotify.number(), path, IN_MODIFY);
            return inotify;
        } catch (ErrnoException e) {
            inotify.close();
            throw e;
        }
    }
}
