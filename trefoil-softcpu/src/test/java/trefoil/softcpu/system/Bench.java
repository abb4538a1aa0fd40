package trefoil.softcpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import trefoil.engine.Hypercalls;
import trefoil.engine.InterruptSource;
import trefoil.engine.MsrDevice;
import trefoil.engine.MsrRefusal;
import trefoil.engine.TimeStamp;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.fixture.Lab;
import trefoil.softcpu.operand.Family;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;

/** A lab with all families of this package, a time stamp counter that stands, an interrupt source that remembers its priority, and a device with one register. */
final class Bench implements AutoCloseable {
    static final int DEVICE_MSR = 0x802;

    final Lab lab = new Lab();
    final Cpu cpu = lab.cpu;
    final Clock tsc = new Clock();
    final Device device = new Device();
    private final Set<Operation> operations = EnumSet.noneOf(Operation.class);
    int priority;
    long[] hypercall;
    ModelSpecific msrs;
    Registers registers;

    Bench() {
        this(null);
    }

    /** @param other CPUID of the families, where it is not the lab's */
    Bench(CpuidPolicy other) {
        CpuidPolicy cpuid = other == null ? lab.cpuid : other;
        registers = new Registers(cpu, lab.mmu, lab.operands, lab.memory, cpuid, new Priority());
        msrs = new ModelSpecific(cpu, lab.mmu, cpuid, device, tsc);
        Hypercalls calls = (number, a, b, c, d) -> {
            hypercall = new long[] {number, a, b, c, d};
            return 0x1_2345_6789L;
        };
        add(registers, msrs, new Identification(cpu, cpuid, msrs), new InputOutput(cpu, lab.mmu, lab.operands, lab.bus));
        add(new FlagInstructions(cpu, lab.mmu, lab.operands, cpuid), new Halting(cpu, lab.mmu, lab.operands, cpuid, calls), new Hints(cpu, lab.mmu, lab.operands));
        add(new Invalidations(cpu, lab.mmu, lab.operands), new RandomNumbers(cpu));
    }

    private void add(Family... families) {
        for (Family family : families) {
            assertThat(operations).doesNotContainAnyElementsOf(family.operations());
            operations.addAll(family.operations());
            lab.with(family);
        }
    }

    /** Whether one of the families executes it. */
    boolean has(Operation operation) {
        return operations.contains(operation);
    }

    Bench long64() {
        lab.long64();
        return this;
    }

    Bench protected32() {
        lab.protected32();
        return this;
    }

    /** Virtual-8086 mode, all segments at 0. */
    Bench virtual8086(int iopl) {
        protected32();
        cpu.systemFlags |= Rflags.VM | (long) iopl << Rflags.IOPL_SHIFT;
        for (int n = 0; n < 6; n++) {
            cpu.segment(n, 0, 0, 0xFFFF, 0xF3);
        }
        cpu.cpl = 3;
        cpu.modeChanged();
        lab.mmu.privilegeChanged();
        assertThat(cpu.mode).isEqualTo(Mode.VIRTUAL_8086);
        return this;
    }

    Bench level(int cpl, int iopl) {
        cpu.cpl = cpl;
        cpu.systemFlags = cpu.systemFlags & ~Rflags.IOPL | (long) iopl << Rflags.IOPL_SHIFT;
        lab.mmu.privilegeChanged();
        return this;
    }

    Bench rax(long value) {
        cpu.general(0, value);
        return this;
    }

    Bench rcx(long value) {
        cpu.general(1, value);
        return this;
    }

    long rax() {
        return cpu.general(0);
    }

    void execute(String hex) {
        lab.execute(hex);
    }

    /** Executes with the register loaded. */
    void execute(String hex, long rax) {
        rax(rax).execute(hex);
    }

    /** The fault, with all that an instruction must leave alone checked to be as it was. */
    void faults(String hex, Vector vector) {
        long[] before = snapshot();
        Fault fault = lab.faultOf(hex);
        assertThat(fault).as(hex).isNotNull();
        assertThat(fault.vector()).as(hex).isEqualTo(vector);
        assertThat(fault.errorCode()).isZero();
        assertThat(snapshot()).as(hex).isEqualTo(before);
    }

    void faults(String hex, long rax, Vector vector) {
        rax(rax).faults(hex, vector);
    }

    long[] snapshot() {
        long[] all = new long[28];
        for (int n = 0; n < 16; n++) {
            all[n] = cpu.general(n);
        }
        all[16] = cpu.rflags();
        all[17] = cpu.rip;
        all[18] = cpu.cr0;
        all[19] = cpu.cr2;
        all[20] = cpu.cr3;
        all[21] = cpu.cr4;
        all[22] = cpu.efer;
        all[23] = cpu.xcr0;
        all[24] = cpu.dr[7];
        all[25] = cpu.dr[0];
        all[26] = cpu.mode.ordinal();
        all[27] = priority;
        return all;
    }

    long readMsr(int number) {
        rcx(number).execute("0f32");
        return cpu.read(Block.RDX, 4) << 32 | cpu.read(Block.RAX, 4);
    }

    void msrOperands(int number, long value) {
        rcx(number).rax(value & 0xFFFF_FFFFL);
        cpu.general(2, value >>> 32);
    }

    void writeMsr(int number, long value) {
        msrOperands(number, value);
        execute("0f30");
    }

    void refusesMsr(int number, long value) {
        msrOperands(number, value);
        faults("0f30", Vector.GP);
    }

    /** SMEP and other bits in CR4 that the lab left clear. */
    void cr4(long bits) {
        cpu.cr4 |= bits;
        lab.mmu.pagingChanged();
    }

    boolean pages() {
        return (cpu.cr0 & ControlRegisters.CR0_PG) != 0;
    }

    @Override
    public void close() {
        lab.close();
    }

    private final class Priority implements InterruptSource {
        @Override
        public boolean isInterruptPending() {
            return false;
        }

        @Override
        public int acknowledge() {
            return NONE;
        }

        @Override
        public int taskPriority() {
            return priority;
        }

        @Override
        public void taskPriority(int to) {
            priority = to;
        }
    }

    /** Stands still. */
    static final class Clock implements TimeStamp {
        long now = 0x1234_5678_9ABC_DEF0L;
        long adjust;

        @Override
        public long now() {
            return now;
        }

        @Override
        public void set(long value) {
            adjust += value - now;
            now = value;
        }

        @Override
        public long adjust() {
            return adjust;
        }

        @Override
        public void adjust(long value) {
            now += value - adjust;
            adjust = value;
        }
    }

    /** One register that takes even numbers, and what else is put into the map. */
    static final class Device implements MsrDevice {
        final Map<Integer, Long> held = new HashMap<>(Map.of(DEVICE_MSR, 0L));

        @Override
        public boolean owns(int number) {
            return held.containsKey(number);
        }

        @Override
        public long read(int number) throws MsrRefusal {
            if (held.get(number) < 0) {
                throw new MsrRefusal(number);
            }
            return held.get(number);
        }

        @Override
        public void write(int number, long value) throws MsrRefusal {
            if ((value & 1) != 0) {
                throw new MsrRefusal(number);
            }
            held.put(number, value);
        }
    }
}
