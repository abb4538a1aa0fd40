package trefoil.linux.cgroup;

import java.io.IOException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import trefoil.linux.host.KernelFile;

/** Version 1 controllers of the running kernel, and its cgroup2 as if nobody had mounted it. */
class V1WithoutMountedCgroup2OnRealKernelTest extends CgroupContract {
    @Override
    CgroupTree open(String tag) throws IOException {
        String without = KernelFile.read("/proc/self/mountinfo")
                .lines()
                .filter(line -> !line.contains(" - cgroup2 "))
                .collect(Collectors.joining("\n"));
        Assumptions.assumeTrue(without.contains(" - cgroup "), "this host has no version 1 controllers");
        return CgroupTree.open(tag, without);
    }

    @Override
    String flavor() {
        return "v1";
    }
}
