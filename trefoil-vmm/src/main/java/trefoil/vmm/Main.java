package trefoil.vmm;

import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import trefoil.disk.Images;
import trefoil.engine.VcpuStatistics;
import trefoil.pc.boot.KernelException;

/** Runs one machine with its serial line on standard input and output: {@code --kernel FILE [--initrd FILE] [--memory MIB] [--disk FILE] [--nic TAP,MAC] [--append LINE]}. Exit status 0 after power off or reset, 1 if the machine failed, 2 for wrong usage. */
public final class Main {
    private static final long MIB = 1 << 20;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static List<MachinePlan.Disk> disks(String image) {
        return image == null ? List.of() : List.of(new MachinePlan.Disk(Path.of(image), image.endsWith(".qcow2") ? Images.Format.QCOW2 : Images.Format.RAW));
    }

    private static List<MachinePlan.Nic> nics(String nic) {
        return nic == null ? List.of() : List.of(new MachinePlan.Nic(nic.replaceFirst(",.*", ""), nic.replaceFirst("[^,]*,?", "")));
    }

    private static int run(String[] arguments) {
        Map<String, String> options = new TreeMap<>();
        for (int n = 0; n + 1 < arguments.length; n += 2) {
            options.put(arguments[n], arguments[n + 1]);
        }
        if (arguments.length % 2 != 0 || !options.containsKey("--kernel")) {
            System.err.println("usage: --kernel FILE [--initrd FILE] [--memory MIB] [--disk FILE] [--nic TAP,MAC] [--append LINE]");
            return 2;
        }
        String initrd = options.get("--initrd");
        long memory = Long.parseLong(options.getOrDefault("--memory", "256")) * MIB;
        MachinePlan plan = new MachinePlan("main", memory, Path.of(options.get("--kernel")), initrd == null ? null : Path.of(initrd), options.getOrDefault("--append", "console=ttyS0"), disks(options.get("--disk")), nics(options.get("--nic")));
        try (Machine machine = new Machine(plan, new StandardStreams(System.in, new FileOutputStream(FileDescriptor.out)))) {
            long from = System.nanoTime();
            Machine.Outcome outcome = machine.run();
            VcpuStatistics did = machine.statistics();
            System.err.printf("%s %s: %,d instructions, %,d bus accesses, %,d interrupts, %,d exceptions, halted %.2f s of %.2f s%n",
                    outcome.end(), outcome.reason(), did.instructions(), did.busAccesses(), did.interrupts(), did.exceptions(), did.haltNanos() / 1e9, (System.nanoTime() - from) / 1e9);
            return outcome.end() == Machine.End.POWERED_OFF || outcome.end() == Machine.End.RESET ? 0 : 1;
        } catch (IOException | KernelException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }
}
