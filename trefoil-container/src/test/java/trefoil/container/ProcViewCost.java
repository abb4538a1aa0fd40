package trefoil.container;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import trefoil.linux.cgroup.Cgroup;
import trefoil.linux.cgroup.CgroupLimits;
import trefoil.linux.cgroup.CgroupTree;
import trefoil.linux.host.Fields;
import trefoil.linux.host.Host;
import trefoil.linux.host.KernelFile;

/** Prints what reading a covered file costs and what a server's files weigh; run by hand as root. */
final class ProcViewCost {
    private static final String READ = "use Time::HiRes qw(time); my @t; for (1..%d) { select undef,undef,undef,%s if %s; my $a=time; "
            + "open F,'<','%s'; sysread F,$x,9999; close F; push @t,(time-$a)*1e6 } @t=sort{$a<=>$b}@t; printf \"%%d us\\n\", $t[@t/2]";

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path run = Files.createTempDirectory("procview");
        try (CgroupTree tree = CgroupTree.open("cost" + ProcessHandle.current().pid());
                ProcView view = ProcView.open(run)) {
            Cgroup group = tree.create("web", new CgroupLimits(null, 1.0, null, 256L << 20, 0L, null, null, null, null), 1_900_000);
            view.register("web", ViewSource.of(group, System.currentTimeMillis(), Path.of("/web")));
            String file = run + "/procview/web/meminfo";
            perl(200, "0.11", "0", file);
            for (String name : new String[] {"meminfo", "stat", "loadavg", "cpuinfo"}) {
                String covered = run + "/procview/web/" + name;
                System.out.println(name + ", host's:             " + perl(2000, "0", "0", "/proc/" + name));
                System.out.println(name + ", content fresh:      " + perl(2000, "0", "0", covered));
                System.out.println(name + ", content made:       " + perl(30, "0.11", "1", covered));
            }
            burn(file);
            weigh(view, group, run);
            view.dispose();
            group.remove();
            tree.remove();
        } finally {
            Files.deleteIfExists(run);
        }
    }

    /** CPU time of this process while a guest reads in a loop for two seconds. */
    private static void burn(String file) throws IOException, InterruptedException {
        long before = Host.process(ProcessHandle.current().pid()).cpuNanos();
        long from = System.nanoTime();
        new ProcessBuilder("timeout", "2", "perl", "-e", "while (1) { open F,'<','" + file + "'; sysread F,$x,9999; close F }")
                .start()
                .waitFor();
        long used = Host.process(ProcessHandle.current().pid()).cpuNanos() - before;
        System.out.printf("daemon's CPU while a guest loops: %.1f %%%n", 100.0 * used / (System.nanoTime() - from));
    }

    private static void weigh(ProcView view, Cgroup group, Path run) throws IOException {
        int servers = 500;
        long slab = slab();
        long shmem = shmem();
        long from = System.nanoTime();
        for (int i = 0; i < servers; i++) {
            view.register("s" + i, ViewSource.of(group, System.currentTimeMillis(), Path.of("/web")));
        }
        long registered = System.nanoTime() - from;
        System.out.printf("register: %d us per server; unread: %d B slab, %d B pages per server (system-wide figures)%n",
                registered / servers / 1000, (slab() - slab) / servers, (shmem() - shmem) / servers);
        from = System.nanoTime();
        for (int i = 0; i < servers; i++) {
            view.overlays("s" + i).forEach(overlay -> overlay.detachedMount().close());
        }
        System.out.printf("overlays: %d us per server%n", (System.nanoTime() - from) / servers / 1000);
        for (int i = 0; i < servers; i++) {
            for (String name : new String[] {"meminfo", "stat", "loadavg"}) {
                Files.readAllBytes(run.resolve("procview/s" + i + "/" + name));
            }
        }
        System.out.printf("after reading three of them: %d B pages per server%n", (shmem() - shmem) / servers);
    }

    private static long slab() throws IOException {
        return Fields.number(KernelFile.read("/proc/meminfo"), "Slab", 0) * 1024;
    }

    private static long shmem() throws IOException {
        return Fields.number(KernelFile.read("/proc/meminfo"), "Shmem", 0) * 1024;
    }

    private static String perl(int rounds, String pause, String pausing, String file) throws IOException {
        Process process = new ProcessBuilder("perl", "-e", READ.formatted(rounds, pause, pausing, file)).redirectErrorStream(true).start();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            return reader.readLine();
        }
    }
}
