package trefoil.pc.nvme;

import java.util.List;
import trefoil.pci.ConfigSpace;
import trefoil.pci.Msix;

/** All that a controller at rest remembers, of itself and of its place on the bus. */
public record NvmeState(Registers registers, List<Submission> submissions, List<Completion> completions, Features features, Events events, Health health, Msix.State msix, ConfigSpace.State config) {
    /** NVMe 1.4, 3.1. */
    public record Registers(int mask, int configuration, int status, int adminAttributes, long adminSubmissions, long adminCompletions) {}

    /** A submission queue. */
    public record Submission(int id, long base, int size, int head, int tail, int completion) {}

    /** A completion queue; {@code tail} is where the controller writes next, with {@code phase}. */
    public record Completion(int id, long base, int size, int head, int tail, boolean phase, boolean interrupts, int vector) {}

    /** Values by feature identifier, over and under temperature, one value for each interrupt vector, and the number of queue pairs. */
    public record Features(int[] values, int over, int under, int[] vectors, int pairs) {}

    /** Asynchronous events: requests that are held, those that are to be given back, and bits of events that wait and of types that are silent until their log is read. */
    public record Events(int[] held, int[] aborted, int waiting, int silent) {}

    /** What the logs count; {@code errors} holds {@code count, queue, command, status, block, namespace} of each entry, the oldest first. */
    public record Health(long[] counters, long[] errors) {}
}
