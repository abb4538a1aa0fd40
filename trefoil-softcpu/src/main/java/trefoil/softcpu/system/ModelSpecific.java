package trefoil.softcpu.system;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import trefoil.engine.MsrDevice;
import trefoil.engine.MsrRefusal;
import trefoil.engine.TimeStamp;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.cpuid.CpuidState;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.msr.Msr;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Efer;

/**
 * RDMSR and WRMSR, and the instructions that show one register of theirs: RDTSC, RDTSCP, RDPID, RDPMC (Intel SDM Vol. 2; Vol. 4 for the registers).
 *
 * <p>A register is asked for where it lives: with the machine's devices, in the processor's core, with the time stamp counter, else here.
 */
public final class ModelSpecific implements Family {
    private static final int APIC_ENABLE = 1 << 11;

    private final Cpu cpu;
    private final Mmu mmu;
    private final CpuidPolicy cpuid;
    private final MsrDevice device;
    private final TimeStamp tsc;
    private final long[] values = new long[Msr.values().length];
    private final Set<Msr> offered;
    private final long eferBits;
    private final long beyondMemory;
    /** Canonical addresses in registers are those of the widest paging that the processor has, not of the one in use. */
    private final int linearBits;

    public ModelSpecific(Cpu cpu, Mmu mmu, CpuidPolicy cpuid, MsrDevice device, TimeStamp tsc) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.cpuid = cpuid;
        this.device = device;
        this.tsc = tsc;
        this.offered = MsrOffer.of(cpuid);
        this.eferBits = (cpuid.has(CpuFeature.SYSCALL) ? Efer.SCE : 0) | (cpuid.has(CpuFeature.LM) ? Efer.LME : 0) | (cpuid.has(CpuFeature.NX) ? Efer.NXE : 0);
        this.beyondMemory = -(1L << (cpuid.answer(0x8000_0008, 0, CpuidState.RESET).eax() & 0xFF));
        this.linearBits = cpuid.has(CpuFeature.LA57) ? 57 : 48;
        powerUp();
    }

    /** As after power-up. INIT leaves them alone (Vol. 3, table 9-1). */
    public void powerUp() {
        for (Msr each : Msr.values()) {
            values[each.ordinal()] = each.reset();
        }
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(Operation.RDMSR, Operation.WRMSR, Operation.RDTSC, Operation.RDTSCP, Operation.RDPID, Operation.RDPMC);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case RDMSR -> readRegister();
            case WRMSR -> writeRegister();
            case RDTSC -> timeStamp();
            case RDTSCP -> timeStampAndProcessor();
            case RDPID -> processor(i);
            case RDPMC -> throw cpu.gp(); // there are no counters; without CR4.PCE it is refused above level 0 the same way
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    // ---- for others ----

    /** What a register holds that is kept here: IA32_DEBUGCTL, IA32_PAT and others of {@link Msr.Rule#VALUE}. */
    public long value(Msr msr) {
        return values[msr.ordinal()];
    }

    /** IA32_XSS. */
    public long xss() {
        return value(Msr.IA32_XSS);
    }

    /** IA32_APIC_BASE.EN, which CPUID shows. */
    public boolean isApicEnabled() {
        int number = Msr.IA32_APIC_BASE.number();
        try {
            return device.owns(number) ? (device.read(number) & APIC_ENABLE) != 0 : cpuid.has(CpuFeature.APIC);
        } catch (MsrRefusal refusal) {
            return false;
        }
    }

    /** CPUID of leaf 1 loads the revision of the microcode into IA32_BIOS_SIGN_ID (Vol. 3, 10.11.7.1). */
    void signMicrocode() {
        values[Msr.IA32_BIOS_SIGN_ID.ordinal()] = Msr.IA32_BIOS_SIGN_ID.reset();
    }

    /** Registers with their values, for {@link trefoil.x86.state.CpuState}: without those of devices, and without EFER and the bases of FS and GS, which the state has elsewhere. */
    public Map<Integer, Long> state() {
        Map<Integer, Long> state = new TreeMap<>();
        for (Msr each : offered) {
            if (isState(each)) {
                state.put(each.number(), read(each));
            }
        }
        return state;
    }

    /** Takes on what {@link #state} gave. The time stamp counter is the machine's and stays; numbers that are not known are ignored. */
    public void restore(Map<Integer, Long> state) {
        state.forEach((number, value) -> {
            Msr msr = Msr.of(number).orElse(null);
            if (msr != null && isState(msr) && msr.rule() != Msr.Rule.LIVE && msr.rule() != Msr.Rule.READ_ONLY) {
                keep(msr, value);
            }
        });
    }

    private boolean isState(Msr msr) {
        return switch (msr) {
            case IA32_EFER, IA32_FS_BASE, IA32_GS_BASE, IA32_APIC_BASE, IA32_TSC_DEADLINE -> false;
            default -> msr.rule() != Msr.Rule.COMMAND && msr.rule() != Msr.Rule.PARAVIRTUAL && !device.owns(msr.number());
        };
    }

    // ---- RDMSR and WRMSR ----

    private void readRegister() {
        checkPrivilege();
        answer(read((int) cpu.general(1)));
    }

    private void writeRegister() {
        checkPrivilege();
        write((int) cpu.general(1), cpu.read(Block.RDX, 4) << 32 | cpu.read(Block.RAX, 4));
        RawMemory.fullFence();
    }

    private void checkPrivilege() {
        if (cpu.cpl != 0) {
            throw cpu.gp();
        }
    }

    private void answer(long value) {
        cpu.write(Block.RAX, 4, value);
        cpu.write(Block.RDX, 4, value >>> 32);
    }

    private long read(int number) {
        if (!device.owns(number)) {
            return read(known(number));
        }
        long begun = cpu.devices.begin();
        try {
            return device.read(number);
        } catch (MsrRefusal refusal) {
            throw cpu.gp();
        } finally {
            cpu.devices.register(begun);
        }
    }

    private void write(int number, long value) {
        if (!device.owns(number)) {
            write(known(number), value);
            return;
        }
        long begun = cpu.devices.begin();
        try {
            device.write(number, value);
        } catch (MsrRefusal refusal) {
            throw cpu.gp();
        } finally {
            cpu.devices.register(begun);
        }
    }

    private Msr known(int number) {
        Msr msr = Msr.of(number).orElse(null);
        if (msr == null || !offered.contains(msr)) {
            throw cpu.gp();
        }
        return msr;
    }

    private long read(Msr msr) {
        return switch (msr) {
            case IA32_TIME_STAMP_COUNTER -> tsc.now();
            case IA32_TSC_ADJUST -> tsc.adjust();
            case IA32_EFER -> cpu.efer;
            case IA32_STAR -> cpu.star;
            case IA32_LSTAR -> cpu.lstar;
            case IA32_CSTAR -> cpu.cstar;
            case IA32_FMASK -> cpu.fmask;
            case IA32_SYSENTER_CS -> cpu.sysenterCs;
            case IA32_SYSENTER_ESP -> cpu.sysenterEsp;
            case IA32_SYSENTER_EIP -> cpu.sysenterEip;
            case IA32_FS_BASE -> cpu.base[Cpu.FS];
            case IA32_GS_BASE -> cpu.base[Cpu.GS];
            case IA32_KERNEL_GS_BASE -> cpu.kernelGsBase;
            case IA32_TSC_AUX -> cpu.tscAux;
            default -> kept(msr);
        };
    }

    /** One that is kept here. What only acts cannot be read, and what a device should have is not there. */
    private long kept(Msr msr) {
        return switch (msr.rule()) {
            case COMMAND, LIVE, PARAVIRTUAL -> throw cpu.gp();
            case VALUE, READ_ONLY, CANONICAL, MEMORY_TYPES, PAT_TYPES -> values[msr.ordinal()];
        };
    }

    private void write(Msr msr, long value) {
        if (msr.refuses(value, linearBits) || isBadRange(msr, value)) {
            throw cpu.gp();
        }
        switch (msr) {
            case IA32_TIME_STAMP_COUNTER -> tsc.set(value);
            case IA32_TSC_ADJUST -> tsc.adjust(value);
            case IA32_EFER -> efer(value);
            default -> keep(msr, value);
        }
    }

    private void keep(Msr msr, long value) {
        switch (msr) {
            case IA32_STAR -> cpu.star = value;
            case IA32_LSTAR -> cpu.lstar = value;
            case IA32_CSTAR -> cpu.cstar = value;
            case IA32_FMASK -> cpu.fmask = value;
            case IA32_SYSENTER_CS -> cpu.sysenterCs = value;
            case IA32_SYSENTER_ESP -> cpu.sysenterEsp = value;
            case IA32_SYSENTER_EIP -> cpu.sysenterEip = value;
            case IA32_FS_BASE -> cpu.base(Cpu.FS, value);
            case IA32_GS_BASE -> cpu.base(Cpu.GS, value);
            case IA32_KERNEL_GS_BASE -> cpu.kernelGsBase = value;
            case IA32_TSC_AUX -> cpu.tscAux = value;
            default -> keepHere(msr, value);
        }
    }

    private void keepHere(Msr msr, long value) {
        switch (msr.rule()) {
            case LIVE, PARAVIRTUAL -> throw cpu.gp();
            case COMMAND -> {} // nothing is predicted, cached apart or loaded as microcode: there is nothing to do
            case VALUE, READ_ONLY, CANONICAL, MEMORY_TYPES, PAT_TYPES -> values[msr.ordinal()] = value;
        }
    }

    /** Ranges of the MTRRs: types that are none, and addresses beyond the physical ones (Vol. 3, 12.11.2.1 and 12.11.2.3). */
    private boolean isBadRange(Msr msr, long value) {
        boolean variable = msr.number() >= Msr.IA32_MTRR_PHYSBASE0.number() && msr.number() <= Msr.IA32_MTRR_PHYSMASK7.number();
        boolean typed = msr == Msr.IA32_MTRR_DEF_TYPE || variable && (msr.number() & 1) == 0;
        return variable && (value & beyondMemory) != 0 || typed && Msr.IA32_MTRR_FIX64K_00000.refuses(value & 0xFF, 48);
    }

    /** LME must not change while paging is on; LMA is the processor's own. */
    private void efer(long value) {
        boolean paging = (cpu.cr0 & ControlRegisters.CR0_PG) != 0;
        if (Efer.isInvalid(value, cpu.efer, paging, eferBits)) {
            throw cpu.gp();
        }
        long before = cpu.efer;
        cpu.efer = value & eferBits | before & Efer.LMA;
        if (((before ^ cpu.efer) & Efer.NXE) != 0) {
            mmu.pagingChanged();
        }
    }

    // ---- what shows one register ----

    private void timeStamp() {
        if (cpu.cpl != 0 && (cpu.cr4 & ControlRegisters.CR4_TSD) != 0) {
            throw cpu.gp();
        }
        answer(tsc.now());
    }

    private void timeStampAndProcessor() {
        timeStamp();
        cpu.write(Block.RCX, 4, cpu.tscAux);
    }

    private void processor(Instruction i) {
        int size = cpu.mode == Mode.LONG_64 ? 8 : 4;
        cpu.write(Operands.rmRegister(i, size), size, cpu.tscAux);
    }
}
