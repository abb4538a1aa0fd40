package trefoil.linux.cgroup;

import java.io.IOException;
import java.util.Arrays;

/** Prints what making, using and removing a group costs; run by hand as root. */
final class CgroupCost {
    private interface Work {
        void run(int i) throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
        int rounds = 300;
        try (CgroupTree tree = CgroupTree.open("cost" + ProcessHandle.current().pid())) {
            CgroupLimits limits = new CgroupLimits(100, 1.5, null, 256L << 20, 0L, 512L, null, null, null);
            for (int pass = 0; pass < 2; pass++) {
                boolean print = pass == 1;
                measure(print, "create, no limits", rounds, i -> tree.create("a" + i, CgroupLimits.NONE, 1_900_000));
                measure(print, "create, limits", rounds, i -> tree.create("b" + i, limits, 1_900_000));
                measure(print, "birth", rounds, i -> tree.group("a" + i).birth().close());
                measure(print, "statistics", rounds, i -> tree.group("a" + i).statistics());
                measure(print, "freeze + thaw, empty", rounds, i -> {
                    tree.group("a" + i).freeze();
                    tree.group("a" + i).thaw();
                });
                measure(print, "kill, empty", rounds, i -> tree.group("a" + i).kill());
                measure(print, "remove", rounds, i -> tree.group("a" + i).remove());
                measure(print, "remove, limits", rounds, i -> tree.group("b" + i).remove());
            }
            tree.remove();
        }
    }

    private static void measure(boolean print, String what, int rounds, Work work) throws IOException {
        long[] nanos = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            long from = System.nanoTime();
            work.run(i);
            nanos[i] = System.nanoTime() - from;
        }
        Arrays.sort(nanos);
        if (print) {
            System.out.printf("%-22s median %5d us, p90 %5d us%n", what, nanos[rounds / 2] / 1000, nanos[rounds * 9 / 10] / 1000);
        }
    }
}
