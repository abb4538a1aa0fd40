package trefoil.vmm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import trefoil.engine.Vcpu;
import trefoil.engine.VcpuExit;
import trefoil.engine.VcpuStatistics;
import trefoil.vmm.Machine.End;
import trefoil.vmm.Machine.Outcome;

/** The processors of one machine, each executed by a platform thread of its own: the first by the caller's. The first to come to an end takes the others with it. */
final class Vcpus {
    private final List<Vcpu> all;
    private final String name;
    private final AtomicReference<Outcome> outcome = new AtomicReference<>();
    private volatile Vcpu last;

    Vcpus(String name, List<Vcpu> all) {
        this.name = name;
        this.all = List.copyOf(all);
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
            for (int n = 1; n < all.size(); n++) {
                Vcpu vcpu = all.get(n);
                threads.add(Thread.ofPlatform().name(name + "-vcpu-" + n).start(() -> execute(vcpu)));
            }
            execute(all.getFirst());
        } finally {
            end(new Outcome(End.FAILED, "the machine was left"));
            threads.forEach(Vcpus::join);
        }
        return outcome.get();
    }

    private void execute(Vcpu vcpu) {
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

    /** Sums over all. From any thread. */
    VcpuStatistics statistics() {
        return all.stream().map(Vcpu::statistics).reduce((a, b) -> new VcpuStatistics(
                a.instructions() + b.instructions(), a.busAccesses() + b.busAccesses(), a.interrupts() + b.interrupts(), a.exceptions() + b.exceptions(), a.haltNanos() + b.haltNanos())).orElseThrow();
    }
}
