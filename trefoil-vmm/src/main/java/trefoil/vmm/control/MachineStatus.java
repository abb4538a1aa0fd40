package trefoil.vmm.control;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a machine does, in figures that only grow while it lives, but for {@code state} and {@code init}.
 *
 * @param state {@code waiting} for its network, {@code running}, or {@code ending}
 * @param init the program that is the guest's process 1, empty until the guest's agent has said so
 * @param vcpus how many processors it has
 * @param memory octets of the guest's RAM
 * @param instructions that its processors have executed
 * @param busAccesses to devices by port or address
 * @param interrupts taken by its processors
 * @param haltedNanos for how long its processors, together, have been halted
 * @param guestNanos CPU time of the threads that execute the guest, in nanoseconds
 * @param processNanos CPU time of the machine's whole process, in nanoseconds
 * @param boots how often it was begun, the first time included: it grows with each reset
 */
public record MachineStatus(
        String state, String init, int vcpus, long memory, long instructions, long busAccesses, long interrupts, long haltedNanos, long guestNanos, long processNanos, int boots) {
    String text() {
        return "state=" + state + "\ninit=" + init + "\nvcpus=" + vcpus + "\nmemory=" + memory + "\ninstructions=" + instructions + "\nbusAccesses=" + busAccesses + "\ninterrupts=" + interrupts
                + "\nhaltedNanos=" + haltedNanos + "\nguestNanos=" + guestNanos + "\nprocessNanos=" + processNanos + "\nboots=" + boots;
    }

    static MachineStatus of(String text) {
        Map<String, String> fields = new TreeMap<>();
        text.lines().forEach(line -> fields.put(line.substring(0, Math.max(0, line.indexOf('='))), line.substring(line.indexOf('=') + 1)));
        return new MachineStatus(
                fields.getOrDefault("state", ""), fields.getOrDefault("init", ""), (int) number(fields, "vcpus"), number(fields, "memory"), number(fields, "instructions"),
                number(fields, "busAccesses"), number(fields, "interrupts"), number(fields, "haltedNanos"), number(fields, "guestNanos"), number(fields, "processNanos"), (int) number(fields, "boots"));
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }
}
