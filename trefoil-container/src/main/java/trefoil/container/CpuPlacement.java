package trefoil.container;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.cgroup.Cgroup;
import trefoil.linux.process.Affinity;

/**
 * On which CPUs a server with a CPU cap runs: on as many as the cap rounded up, those that fewest other servers are
 * bound to. So {@code nproc} and all that asks sched_getaffinity(2) to size its thread pools is told the truth, and the
 * time of a cap is not spread over more threads than it can feed. The cap itself is the control group's; root inside may
 * undo the binding and gains nothing but a wrong count.
 */
final class CpuPlacement {
    /** New threads may be born while others are bound; a parent that is bound has bound children. */
    private static final int ROUNDS = 8;

    private CpuPlacement() {}

    /**
     * Chooses.
     *
     * @param cap in CPUs; {@code null} for none
     * @param host the CPUs of the host
     * @param others where other servers are bound to; those that may run everywhere do not count
     * @return a part of {@code host}, all of it where the cap is no smaller
     */
    static BitSet choose(Double cap, BitSet host, Collection<BitSet> others) {
        int wanted = cap == null ? host.cardinality() : (int) Math.ceil(cap - 1e-9);
        if (wanted >= host.cardinality()) {
            return (BitSet) host.clone();
        }
        List<BitSet> bound = others.stream().filter(cpus -> !cpus.equals(host)).toList();
        Comparator<Integer> fewest = Comparator.comparingLong(cpu -> bound.stream().filter(cpus -> cpus.get(cpu)).count());
        return host.stream()
                .boxed()
                .sorted(fewest)
                .limit(Math.max(1, wanted))
                .collect(Collectors.collectingAndThen(Collectors.toList(), CpuPlacement::set));
    }

    private static BitSet set(List<Integer> cpus) {
        BitSet set = new BitSet();
        cpus.forEach(set::set);
        return set;
    }

    /** Binds all that lives in a group, and with it what will be born there. */
    static void bind(Cgroup group, BitSet cpus) throws IOException {
        Set<Integer> done = new HashSet<>();
        boolean found = true;
        for (int round = 0; found && round < ROUNDS; round++) {
            found = false;
            for (int process : group.processes()) {
                for (int thread : threads(process)) {
                    if (done.add(thread)) {
                        found = true;
                        bind(thread, cpus);
                    }
                }
            }
        }
    }

    private static void bind(int thread, BitSet cpus) throws ErrnoException {
        try {
            Affinity.set(thread, cpus);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) { // it ended meanwhile
                throw e;
            }
        }
    }

    private static Set<Integer> threads(int process) throws IOException {
        Set<Integer> threads = new HashSet<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + process + "/task"))) {
            tasks.forEach(task -> threads.add(Integer.valueOf(task.getFileName().toString())));
        } catch (NoSuchFileException ended) {
            return Set.of();
        }
        return threads;
    }
}
