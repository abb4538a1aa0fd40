package trefoil.softcpu;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import trefoil.engine.Engine;
import trefoil.engine.Vcpu;
import trefoil.engine.VcpuWiring;
import trefoil.machine.GuestMemory;
import trefoil.softcpu.mmu.CodePages;

/** The engine in software. All of its vCPUs share one guest memory, and what is known of decoded pages. */
public final class SoftEngine implements Engine {
    private final Arena arena = Arena.ofShared();
    private final CodePages code;
    private final List<SoftVcpu> vcpus = new ArrayList<>();

    public SoftEngine(GuestMemory memory) {
        code = new CodePages(memory);
    }

    @Override
    public String name() {
        return "soft";
    }

    @Override
    public Vcpu vcpu(VcpuWiring wiring) {
        if (!vcpus.isEmpty()) {
            throw new UnsupportedOperationException("the software processor runs machines of one vCPU: locked accesses that cross a cache line, CMPXCHG16B, and changes of code are not yet ordered between several");
        }
        SoftVcpu vcpu = new SoftVcpu(wiring, code, arena);
        vcpus.add(vcpu);
        return vcpu;
    }

    @Override
    public void close() {
        arena.close();
    }
}
