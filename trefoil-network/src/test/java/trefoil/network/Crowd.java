package trefoil.network;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Threads that all do the same at the same time: the first that comes to {@link #hold} is held until all others wait. */
final class Crowd {
    /** One thread's work. */
    interface Work {
        void run(int number) throws Exception;
    }

    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicBoolean held = new AtomicBoolean();

    /** Holds the first that calls it. */
    void hold() {
        if (!held.getAndSet(true)) {
            first.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Runs them all; returns what each threw, in their order, {@code null} for nothing. */
    List<Throwable> run(int count, Work work) throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService pool = Executors.newThreadPerTaskExecutor(task -> {
            Thread thread = new Thread(task);
            threads.add(thread);
            return thread;
        })) {
            for (int i = 0; i < count; i++) {
                int number = i;
                all.add(pool.submit(() -> {
                    work.run(number);
                    return null;
                }));
                first.await();
            }
            while (!threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING)) {
                Thread.onSpinWait();
            }
            goOn.countDown();
        }
        return all.stream().map(each -> each.state() == Future.State.FAILED ? each.exceptionNow() : null).toList();
    }
}
