package trefoil.vmm.control;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a machine does, in figures that only grow while it lives, but for {@code state}, {@code init} and {@code ownMemory}.
 *
 * @param state {@code waiting} for its network, {@code running}, {@code full} while what it writes to its disk waits for room on the host, or {@code ending}
 * @param init the program that is the guest's process 1, empty until the guest's agent has said so
 * @param vcpus how many processors it has
 * @param memory octets of the guest's RAM
 * @param instructions that its processors have executed
 * @param portAccesses to devices, by its processors
 * @param memoryAccesses to devices' addresses
 * @param msrAccesses to devices' model-specific registers
 * @param interrupts taken by its processors
 * @param exceptions taken by its processors, of which a guest that works has many: page faults, for the most part
 * @param haltedNanos for how long its processors, together, have been halted
 * @param deviceNanos for how long its processors, together, have waited for devices to answer
 * @param vcpuNanos CPU time of the threads that execute the guest, in nanoseconds; that of devices that answer at once is in it
 * @param processNanos CPU time of the machine's whole process, in nanoseconds
 * @param ownMemory octets that the machine's process holds beyond the guest's RAM
 * @param boots how often it was begun, the first time included: it grows with each reset
 */
public record MachineStatus(
        String state, String init, int vcpus, long memory, long instructions, long portAccesses, long memoryAccesses, long msrAccesses, long interrupts, long exceptions, long haltedNanos, long deviceNanos, long vcpuNanos,
        long processNanos, long ownMemory, int boots) {
    /** Most processors that a machine may have. */
    public static final int MOST_VCPUS = 64;

    String text() {
        return "state=" + state + "\ninit=" + init + "\nvcpus=" + vcpus + "\nmemory=" + memory + "\ninstructions=" + instructions + "\nportAccesses=" + portAccesses + "\nmemoryAccesses=" + memoryAccesses + "\nmsrAccesses=" + msrAccesses
                + "\ninterrupts=" + interrupts
                + "\nexceptions=" + exceptions + "\nhaltedNanos=" + haltedNanos + "\ndeviceNanos=" + deviceNanos + "\nvcpuNanos=" + vcpuNanos + "\nprocessNanos=" + processNanos + "\nownMemory=" + ownMemory + "\nboots=" + boots;
    }

    static MachineStatus of(String text) {
        Map<String, String> fields = new TreeMap<>();
        text.lines().forEach(line -> fields.put(line.substring(0, Math.max(0, line.indexOf('='))), line.substring(line.indexOf('=') + 1)));
        return new MachineStatus(
                fields.getOrDefault("state", ""), fields.getOrDefault("init", ""), (int) number(fields, "vcpus"), number(fields, "memory"), number(fields, "instructions"),
                number(fields, "portAccesses"), number(fields, "memoryAccesses"), number(fields, "msrAccesses"), number(fields, "interrupts"), number(fields, "exceptions"), number(fields, "haltedNanos"), number(fields, "deviceNanos"),
                number(fields, "vcpuNanos"), number(fields, "processNanos"), number(fields, "ownMemory"), (int) number(fields, "boots"));
    }

    /** CPU time in nanoseconds in which the processors executed the guest and no device. */
    public long guestNanos() {
        return Math.max(0, vcpuNanos - deviceNanos);
    }

    /** CPU time in nanoseconds that the machine took beside the guest's own: its devices, and the rest of the process. */
    public long hypervisorNanos() {
        return Math.max(0, processNanos - guestNanos());
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }
}
