package trefoil.softcpu;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import trefoil.engine.Vcpu;
import trefoil.engine.VcpuExit;
import trefoil.engine.VcpuStatistics;
import trefoil.engine.VcpuWiring;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.DeviceAccesses;
import trefoil.softcpu.interpret.Interpreter;
import trefoil.softcpu.mmu.CodePages;
import trefoil.softcpu.mmu.Exclusion;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.system.ModelSpecific;
import trefoil.softcpu.x87.SavedState;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.state.CpuState;
import trefoil.x86.state.SegmentState;
import trefoil.x86.state.TableState;

/** One processor in software: its parts, and its state as a record. */
final class SoftVcpu implements Vcpu {
    private static final int SEGMENTS = 8;
    private static final int[] DEBUG = {0, 1, 2, 3, 6, 7};

    private final Cpu cpu;
    private final Mmu mmu;
    private final SavedState saved;
    private final ModelSpecific msrs;
    private final Interpreter interpreter;

    SoftVcpu(VcpuWiring wiring, CodePages code, Exclusion exclusion, Arena arena) {
        cpu = new Cpu(arena);
        cpu.powerUp();
        Exclusion.Member member = exclusion.join(() -> cpu.attend(Cpu.EXCLUSIVE));
        mmu = new Mmu(cpu, wiring.memory(), wiring.bus(), code, member, wiring.localApic(), wiring.cpuid(), arena);
        Parts parts = new Parts(cpu, mmu, wiring);
        saved = parts.saved();
        msrs = parts.msrs();
        interpreter = new Interpreter(cpu, mmu, wiring.memory(), code, member, parts.families(), parts.delivery(), wiring.interrupts(), wiring.bootstrap());
    }

    @Override
    public VcpuExit run() {
        return interpreter.run();
    }

    @Override
    public void stop() {
        interpreter.signal(Cpu.STOP);
    }

    @Override
    public void interrupt() {
        interpreter.signal(Cpu.INTERRUPT);
    }

    @Override
    public void nmi() {
        interpreter.signal(Cpu.NMI);
    }

    @Override
    public void init() {
        interpreter.signal(Cpu.INIT);
    }

    @Override
    public void startup(int vector) {
        interpreter.startup(vector);
    }

    @Override
    public void wake() {
        interpreter.signal(Cpu.WAKE);
    }

    @Override
    public VcpuStatistics statistics() {
        DeviceAccesses devices = cpu.devices;
        return new VcpuStatistics(
                cpu.instructions, devices.ports(), devices.addresses(), devices.registers(), interpreter.deliveredInterrupts(), interpreter.deliveredExceptions(), interpreter.haltNanos(), devices.nanos());
    }

    @Override
    public CpuState state() {
        List<Long> general = LongStream.range(0, 16).map(n -> cpu.general((int) n)).boxed().toList();
        List<SegmentState> segments = IntStream.range(0, SEGMENTS).mapToObj(n -> new SegmentState(cpu.selector[n], cpu.base[n], (int) cpu.limit[n], cpu.attributes[n])).toList();
        List<Long> debug = new ArrayList<>();
        for (int n : DEBUG) {
            debug.add(cpu.dr[n]);
        }
        return new CpuState(
                general,
                cpu.rip,
                cpu.rflags(),
                segments,
                new TableState(cpu.gdtBase, cpu.gdtLimit),
                new TableState(cpu.idtBase, cpu.idtLimit),
                cpu.cr0,
                cpu.cr2,
                cpu.cr3,
                cpu.cr4,
                cpu.efer,
                cpu.xcr0,
                debug,
                saved.save(),
                msrs.state(),
                interpreter.activity(),
                cpu.interruptShadow,
                cpu.nmiBlocked);
    }

    @Override
    public void restore(CpuState state) {
        for (int n = 0; n < 16; n++) {
            cpu.general(n, state.general().get(n));
        }
        cpu.rip = state.rip();
        cpu.status((int) state.rflags());
        cpu.systemFlags = state.rflags() & ~(long) Rflags.STATUS | Rflags.ALWAYS;
        cpu.gdtBase = state.gdtr().base();
        cpu.gdtLimit = state.gdtr().limit();
        cpu.idtBase = state.idtr().base();
        cpu.idtLimit = state.idtr().limit();
        cpu.cr0 = state.cr0() | ControlRegisters.CR0_ET;
        cpu.cr2 = state.cr2();
        cpu.cr3 = state.cr3();
        cpu.cr4 = state.cr4();
        cpu.efer = state.efer();
        cpu.xcr0 = state.xcr0();
        for (int n = 0; n < DEBUG.length; n++) {
            cpu.dr[DEBUG[n]] = state.debug().get(n);
        }
        for (int n = 0; n < SEGMENTS; n++) {
            SegmentState segment = state.segments().get(n);
            cpu.segment(n, segment.selector(), segment.base(), Integer.toUnsignedLong(segment.limit()), segment.attributes());
        }
        saved.restore(state.xsave());
        msrs.restore(state.msrs());
        cpu.interruptShadow = state.interruptShadow();
        cpu.nmiBlocked = state.nmiBlocked();
        cpu.modeChanged();
        cpu.cpl = switch (cpu.mode) {
            case REAL -> 0;
            case VIRTUAL_8086 -> 3;
            default -> Descriptor.dpl((long) cpu.attributes[Cpu.SS] << 40);
        };
        interpreter.activity(state.activity());
        mmu.pagingChanged();
        mmu.breakpointsChanged();
    }
}
