package trefoil.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import trefoil.linux.ErrnoException;
import trefoil.linux.event.Poll;
import trefoil.linux.event.Signal;
import trefoil.linux.tap.Tap;

/** A cable between two taps, as a virtual machine is one: what either receives, the other sends. Ends before they are closed. */
final class Wire implements AutoCloseable {
    private static final int ROOM = 70_000;

    private final Signal end;
    private final Thread thread;

    Wire(Tap one, Tap other) throws ErrnoException {
        end = new Signal();
        thread = Thread.ofPlatform().daemon().start(() -> carry(one, other));
    }

    private void carry(Tap one, Tap other) {
        try (Arena arena = Arena.ofConfined(); Poll poll = new Poll(3)) {
            MemorySegment room = arena.allocate(ROOM, 8);
            poll.watch(0, one.descriptor());
            poll.watch(1, other.descriptor());
            poll.watch(2, end.descriptor());
            while (!poll.ready(2)) {
                pass(one, other, room);
                pass(other, one, room);
                poll.await(-1);
            }
        } catch (ErrnoException e) {
            // a tap was deleted: the cable is cut, which isWhole tells
        }
    }

    private static void pass(Tap from, Tap to, MemorySegment room) throws ErrnoException {
        for (int n = from.read(List.of(room)); n != Tap.NOTHING; n = from.read(List.of(room))) {
            to.write(List.of(room.asSlice(0, n)));
        }
    }

    boolean isWhole() throws InterruptedException {
        return !thread.join(Duration.ofMillis(500));
    }

    @Override
    public void close() {
        end.give();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end.close();
    }
}
