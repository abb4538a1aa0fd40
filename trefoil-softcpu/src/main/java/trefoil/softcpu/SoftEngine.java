package trefoil.softcpu;

import java.lang.foreign.Arena;
import trefoil.engine.Engine;
import trefoil.engine.Vcpu;
import trefoil.engine.VcpuWiring;
import trefoil.machine.GuestMemory;
import trefoil.softcpu.mmu.CodePages;
import trefoil.softcpu.mmu.Exclusion;

/** The engine in software. All of its vCPUs share one guest memory, what is known of decoded pages, and the right to be alone for the time of an instruction. All are to be made before one runs. */
public final class SoftEngine implements Engine {
    private final Arena arena = Arena.ofShared();
    private final CodePages code;
    private final Exclusion exclusion = new Exclusion();

    public SoftEngine(GuestMemory memory) {
        code = new CodePages(memory);
    }

    @Override
    public String name() {
        return "soft";
    }

    @Override
    public Vcpu vcpu(VcpuWiring wiring) {
        return new SoftVcpu(wiring, code, exclusion, arena);
    }

    @Override
    public void close() {
        arena.close();
    }
}
