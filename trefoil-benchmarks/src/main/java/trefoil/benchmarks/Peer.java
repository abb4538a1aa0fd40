package trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import trefoil.linux.host.ChildTime;

/**
 * A program that is measured as a command line.
 *
 * @param name its name in the report
 * @param isolation what separates the command from the host
 * @param space where it is run
 * @param directory working directory
 * @param command the whole start-to-exit
 */
record Peer(String name, String isolation, PeerSpace space, Path directory, List<String> command) implements Contender {
    @Override
    public long startToExit() throws BenchmarkException, IOException, InterruptedException {
        Run run = space.call(() -> Run.of(directory, command));
        String fault = run.fault("hi");
        if (fault != null) {
            throw new BenchmarkException(name + ": " + fault, String.join(" ", command));
        }
        return run.nanos();
    }

    @Override
    public long cpuNanos() throws IOException {
        return ChildTime.nanos();
    }
}
