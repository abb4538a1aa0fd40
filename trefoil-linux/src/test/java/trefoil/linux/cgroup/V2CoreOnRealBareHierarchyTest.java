package trefoil.linux.cgroup;

import java.io.IOException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import trefoil.linux.host.KernelFile;

/**
 * Version 2 on the running kernel's cgroup2 hierarchy, which may have no controllers: the core files are real, controller
 * files are {@link V2ControllersOnFakeKernelTest}'s.
 */
class V2CoreOnRealBareHierarchyTest extends CgroupContract {
    @Override
    CgroupTree open(String tag) throws IOException {
        String only = KernelFile.read("/proc/self/mountinfo")
                .lines()
                .filter(line -> !line.contains(" - cgroup "))
                .collect(Collectors.joining("\n"));
        Assumptions.assumeTrue(only.contains(" - cgroup2 "), "this host has not mounted cgroup2");
        return CgroupTree.open(tag, only);
    }

    @Override
    String flavor() {
        return "v2";
    }
}
