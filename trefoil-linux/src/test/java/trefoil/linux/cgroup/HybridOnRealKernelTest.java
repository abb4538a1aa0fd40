package trefoil.linux.cgroup;

import java.io.IOException;
import org.junit.jupiter.api.Assumptions;

/** Version 1 controllers and a mounted cgroup2, both of the running kernel. */
class HybridOnRealKernelTest extends CgroupContract {
    @Override
    CgroupTree open(String tag) throws IOException {
        CgroupTree tree = CgroupTree.open(tag);
        Assumptions.assumeTrue(tree.flavor().equals("hybrid"), "this host is " + tree.flavor());
        return tree;
    }

    @Override
    String flavor() {
        return "hybrid";
    }
}
