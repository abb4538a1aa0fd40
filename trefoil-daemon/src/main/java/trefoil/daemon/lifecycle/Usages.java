package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.MachineUsage;
import trefoil.api.Pressure;
import trefoil.api.Usage;
import trefoil.container.Container;
import trefoil.container.ContainerException;
import trefoil.container.Statistics;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.machine.GuestContainer;
import trefoil.network.NetworkException;
import trefoil.network.Traffic;

/**
 * What servers use, and what Trefoil uses for them: of the memory of daemon and keeper each running server bears an
 * equal share; of CPU time it bears what the daemon's threads spent on starting, changing and measuring it. A machine bears
 * besides what its own process takes beyond the guest's RAM and beside guest code.
 */
public final class Usages {
    private static final long FRESH_NANOS = 5_000_000_000L;

    private final Facilities f;
    private final ConcurrentHashMap<String, Long> diskUsed = new ConcurrentHashMap<>();
    private volatile long ownMemory;
    private volatile long ownMemoryAt = System.nanoTime() - FRESH_NANOS;

    Usages(Facilities facilities) {
        this.f = facilities;
    }

    /** What a server uses now. */
    public Usage of(String name) throws IOException {
        ServerEntry entry = f.registry().find(name);
        Usage usage = of(entry, ownShare());
        if (usage == null) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "server " + name + " is not running: it uses nothing but its disk", "trefoil start " + name);
        }
        return usage;
    }

    /** What all running servers use now. */
    public List<Usage> all() throws IOException {
        long share = ownShare();
        List<Usage> all = new ArrayList<>();
        for (ServerEntry entry : f.registry().made()) {
            Usage usage = of(entry, share);
            if (usage != null) {
                all.add(usage);
            }
        }
        return all;
    }

    private Usage of(ServerEntry entry, long share) throws IOException {
        Run run = entry.run();
        ServerRecord record = entry.record();
        if (run == null || record == null || run.container() == null || run.over()) {
            return null;
        }
        Container container = run.container();
        try {
            Statistics s = f.meter().charge(entry.overheadNanos(), container::statistics);
            Traffic traffic = record.place() == null
                    ? new Traffic(0, 0)
                    : f.networks().host().traffic(record.place().attachment());
            MachineUsage machine = container instanceof GuestContainer guest ? guest.usage() : null;
            diskUsed.put(record.name(), s.disk());
            return new Usage(
                    record.name(), System.currentTimeMillis(), known(s.cpuNanos()), known(s.memory()),
                    known(s.memoryWorkingSet()), s.memoryPeak() < 0 ? null : s.memoryPeak(), known(s.swap()),
                    known(s.processes()), known(s.disk()), known(s.ioRead()), known(s.ioWritten()), traffic.received(),
                    traffic.transmitted(), known(s.oomKills()),
                    new Pressure(percent(s.cpuPressure()), percent(s.memoryPressure()), percent(s.ioPressure())),
                    share + (machine == null ? 0 : machine.hypervisorMemory()),
                    entry.overheadNanos().get() + (machine == null ? 0 : machine.hypervisorCpuNanos()), machine);
        } catch (ContainerException | NetworkException e) {
            if (run.over() || !container.alive()) {
                return null; // it ended while it was looked at
            }
            throw e;
        }
    }

    private static long known(long value) {
        return Math.max(0, value);
    }

    private static Double percent(double value) {
        return Double.isNaN(value) || value < 0 ? null : value;
    }

    /** Bytes of its disk cap that a server was last seen to use. */
    public long diskUsed(String name) {
        return Math.max(0, diskUsed.getOrDefault(name, 0L));
    }

    /** Bytes that the daemon and the keeper hold together; at most five seconds old. */
    public long ownMemory() {
        if (System.nanoTime() - ownMemoryAt > FRESH_NANOS) {
            Engine engine = f.engine().ifOpen();
            ownMemory = f.ledger().host().processMemory(ProcessHandle.current().pid())
                    + (engine == null ? 0 : engine.keeperMemory());
            ownMemoryAt = System.nanoTime();
        }
        return ownMemory;
    }

    private long ownShare() {
        long running = f.registry().made().stream().filter(entry -> entry.run() != null).count();
        return running == 0 ? 0 : ownMemory() / running;
    }
}
