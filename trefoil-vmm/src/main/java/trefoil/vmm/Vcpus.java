package trefoil.vmm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import trefoil.engine.Vcpu;
import trefoil.engine.VcpuExit;
import trefoil.engine.VcpuStatistics;
import trefoil.vmm.Machine.End;
import trefoil.vmm.Machine.Outcome;

/** The processors of one machine, each executed by a platform thread of its own. The first to come to an end takes the others with it. */
final class Vcpus {
    /** How the names of their threads begin; Linux shows 15 characters of a thread's name. */
    static final String THREAD = "trefoil-vcpu-";

    private final List<Vcpu> all;
    private final List<ThreadTime> times;
    private final AtomicReference<Outcome> outcome = new AtomicReference<>();
    private volatile Vcpu last;

    Vcpus(List<Vcpu> all) {
        this.all = List.copyOf(all);
        times = all.stream().map(vcpu -> new ThreadTime()).toList();
        last = first();
    }

    /** The bootstrap processor. */
    Vcpu first() {
        return all.getFirst();
    }

    /** The one that ended the machine by shutting down or failing; the first if none did. */
    Vcpu last() {
        return last;
    }

    /** Executes all until the machine ends; no thread of theirs is left then. To be called once. */
    Outcome run() {
        List<Thread> threads = new ArrayList<>();
        try {
            for (int n = 0; n < all.size(); n++) {
                int number = n;
                threads.add(Thread.ofPlatform().name(THREAD + n).start(() -> execute(all.get(number), times.get(number))));
            }
        } finally {
            if (threads.size() < all.size()) {
                end(new Outcome(End.FAILED, "the host has no room for the threads of " + all.size() + " processors"));
            }
            threads.forEach(Vcpus::join);
        }
        return outcome.get();
    }

    private void execute(Vcpu vcpu, ThreadTime time) {
        time.begin();
        try {
            while (outcome.get() == null) {
                switch (vcpu.run()) {
                    case VcpuExit.Stopped() -> {} // the loop's condition says whether it was for good
                    case VcpuExit.Shutdown(String reason) -> end(vcpu, new Outcome(End.SHUTDOWN, reason));
                    case VcpuExit.Failure(String reason) -> end(vcpu, new Outcome(End.FAILED, reason));
                }
            }
        } finally {
            end(vcpu, new Outcome(End.FAILED, "a processor's thread broke off: its exception tells why"));
            time.end();
        }
    }

    private void end(Vcpu by, Outcome how) {
        if (outcome.compareAndSet(null, how)) {
            last = by;
            all.forEach(Vcpu::stop);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets {@link #run} end soon, for this reason if it is the first. From any thread, that of a processor too. */
    void end(Outcome how) {
        end(first(), how);
    }

    /** CPU time of all their threads, in nanoseconds. From any thread. */
    long cpuNanos() {
        return times.stream().mapToLong(ThreadTime::nanos).sum();
    }

    /** Sums over all. From any thread. */
    VcpuStatistics statistics() {
        return all.stream().map(Vcpu::statistics).reduce(VcpuStatistics.NONE, VcpuStatistics::plus);
    }
}
