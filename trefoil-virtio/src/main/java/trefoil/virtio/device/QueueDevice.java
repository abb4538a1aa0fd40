package trefoil.virtio.device;

import java.util.List;
import trefoil.machine.Worker;
import trefoil.virtio.queue.Chain;
import trefoil.virtio.queue.QueueFault;
import trefoil.virtio.queue.Virtqueue;

/** A device that works off its queues on one thread, chain by chain. */
public abstract class QueueDevice implements VirtioDevice {
    private final Object starting = new Object();
    private volatile Worker worker;
    private volatile boolean running;
    private volatile boolean paused;
    private volatile boolean closed;
    private List<Virtqueue> queues = List.of();
    private Interrupt interrupt;
    private long negotiated;

    protected QueueDevice() {}

    // ---- for the devices ----

    /** Works off one chain of a queue, in the device's turn; false if there was none, or nothing to do with it. */
    protected abstract boolean serve(int queue) throws QueueFault;

    /** Called before the first chain, when features are known. */
    protected void started() {}

    /** Called in the turn, after the last chain: what a reset forgets is to be forgotten. */
    protected void stopped() {}

    /** Called after the device has been stopped or closed, or may go on: for other threads of it that wait. */
    protected void nudged() {}

    protected final Virtqueue queue(int index) {
        return queues.get(index);
    }

    protected final boolean has(long feature) {
        return (negotiated & feature) != 0;
    }

    protected final boolean isRunning() {
        return running;
    }

    protected final boolean isPaused() {
        return paused;
    }

    /** Gives a chain back and interrupts if that is wanted. */
    protected final void push(int index, Chain chain, long written) throws QueueFault {
        queue(index).push(chain, written);
        interruptIfWanted(index);
    }

    protected final void interruptIfWanted(int index) throws QueueFault {
        if (queue(index).shouldInterrupt()) {
            interrupt.used(index);
        }
    }

    /** Tells the driver, if there is one, that the configuration is another. */
    protected final void configurationChanged() {
        afterPiece(() -> {
            if (running) {
                interrupt.configurationChanged();
            }
        });
    }

    /** Has the thread look for work. */
    protected final void wake() {
        Worker at = worker;
        if (at != null) {
            at.wake();
        }
    }

    /** Work on queues that was broken. */
    @FunctionalInterface
    protected interface Work {
        boolean run() throws QueueFault;
    }

    /** Does something in the turn, by another thread of the device; false if it is not running or paused. */
    protected final boolean inTurn(Work work) {
        Worker at = worker;
        return at != null && at.inTurn(() -> running && guarded(work));
    }

    private void afterPiece(Runnable then) {
        Worker at = worker;
        if (at == null) {
            then.run();
        } else {
            at.afterPiece(then);
        }
    }

    // ---- for the transport ----

    @Override
    public final void start(List<Virtqueue> with, long features, Interrupt told) {
        queues = List.copyOf(with);
        negotiated = features;
        interrupt = told;
        started();
        running = true;
        worker().wake();
        nudged();
    }

    private Worker worker() {
        synchronized (starting) {
            if (worker == null) {
                Worker made = new Worker("virtio-" + id(), this::piece);
                if (paused) {
                    made.hold();
                }
                if (closed) {
                    made.close();
                }
                worker = made;
            }
            return worker;
        }
    }

    private boolean piece() {
        boolean more = false;
        for (int queue = 0; queue < queues.size() && running; queue++) {
            int served = queue;
            more |= guarded(() -> serve(served));
        }
        return more;
    }

    private boolean guarded(Work work) {
        try {
            return work.run();
        } catch (QueueFault e) {
            running = false;
            interrupt.needsReset();
            return false;
        }
    }

    @Override
    public void notifyQueue(int queue) {
        wake();
    }

    @Override
    public final void stop(Runnable then) {
        running = false;
        nudged();
        afterPiece(() -> {
            stopped();
            queues = List.of();
            then.run();
        });
    }

    @Override
    public final void pause() {
        paused = true;
        synchronized (starting) {
            if (worker != null) {
                worker.hold();
            }
        }
    }

    @Override
    public final void resume() {
        paused = false;
        synchronized (starting) {
            if (worker != null) {
                worker.release();
            }
        }
        nudged();
    }

    /** Returns when the device is at rest: memory and backend may go away then. */
    @Override
    public void close() {
        pause();
        closed = true;
        running = false;
        synchronized (starting) {
            if (worker != null) {
                worker.close();
            }
        }
        nudged();
    }

    protected final boolean isClosed() {
        return closed;
    }
}
