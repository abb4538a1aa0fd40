package trefoil.vmm;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import trefoil.engine.VcpuStatistics;
import trefoil.pc.boot.KernelException;

/** Runs one machine with its serial line on standard input and output; {@link Options#USAGE} tells of the options. Exit status 0 after power off or reset, 1 if the machine failed or could not be made, 2 for wrong usage. */
public final class Main {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.in, new FileOutputStream(FileDescriptor.out), System.err));
    }

    /**
     * Runs a machine on the caller's thread until it ends.
     *
     * @param in what is typed on the serial line; a thread reads it, for as long as it has something
     * @param out what the guest sends on the serial line
     * @param err one line about the end, or about why there was no machine; after a shutdown or failure the processor's state, too
     * @return the exit status
     */
    static int run(String[] arguments, InputStream in, OutputStream out, PrintStream err) {
        MachinePlan plan;
        try {
            plan = Options.parse(arguments);
        } catch (Options.UsageException e) {
            err.println(e.getMessage() + " (" + Options.USAGE + ")");
            return WRONG_USAGE;
        }
        try (Machine machine = new Machine(plan, new StandardStreams(in, out))) {
            return run(machine, err);
        } catch (IOException e) {
            err.println("the machine cannot be made: " + e.getMessage());
        } catch (KernelException e) {
            err.println("the kernel " + plan.kernel() + " cannot be started: " + e.getMessage() + advice(e.reason()));
        }
        return FAILED;
    }

    private static int run(Machine machine, PrintStream err) {
        long from = System.nanoTime();
        Machine.Outcome outcome = machine.run();
        VcpuStatistics did = machine.statistics();
        err.printf("%s %s: %,d instructions, %,d port, %,d memory, %,d MSR accesses to devices (%.2f s), %,d interrupts, %,d exceptions, halted %.2f s of %.2f s%n",
                outcome.end(), outcome.reason(), did.instructions(), did.portAccesses(), did.memoryAccesses(), did.msrAccesses(), did.deviceNanos() / 1e9, did.interrupts(), did.exceptions(), did.haltNanos() / 1e9, (System.nanoTime() - from) / 1e9);
        if (outcome.end() == Machine.End.SHUTDOWN || outcome.end() == Machine.End.FAILED) {
            err.print(machine.crashReport());
        }
        return outcome.end() == Machine.End.POWERED_OFF || outcome.end() == Machine.End.RESET ? DONE : FAILED;
    }

    private static String advice(KernelException.Cause cause) {
        return switch (cause) {
            case NO_KERNEL -> "; give a bzImage or an ELF file of x86-64";
            case TRUNCATED, DAMAGED -> "; fetch the file again";
            case WRONG_MACHINE -> "; take the kernel for amd64";
            case UNKNOWN_COMPRESSION -> "; unpack it, or take one that is packed by gzip, xz, LZ4 or zstd";
            case NO_PVH_NOTE -> "; take one that was built with it, such as Debian's linux-image-cloud-amd64";
            case NO_64_BIT_ENTRY -> "; take a newer kernel for amd64";
            case NO_ROOM -> "; give the machine more memory with --memory";
            case BAD_COMMAND_LINE -> "; shorten what --append gives";
        };
    }
}
