package trefoil.softcpu.system;

import java.util.EnumSet;
import java.util.Set;
import trefoil.machine.Bus;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.TaskState;

/**
 * IN, OUT, INS and OUTS (Intel SDM Vol. 1, chapter 19).
 *
 * <p>A repeated one looks after each element whether something is due: it then ends with the next instruction being itself, and what is left of the count in RCX.
 */
public final class InputOutput implements Family {
    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final Bus bus;

    public InputOutput(Cpu cpu, Mmu mmu, Operands operands, Bus bus) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.bus = bus;
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(Operation.IN, Operation.OUT, Operation.INS, Operation.OUTS);
    }

    @Override
    public void execute(Instruction i) {
        int size = (i.opcode() & 1) == 0 ? 1 : Math.min(i.operandSize(), 4);
        switch (i.operation()) {
            case IN -> in(port(i), size);
            case OUT -> out(port(i), size);
            case INS, OUTS -> string(i, size);
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    /** An immediate octet, or DX. */
    private int port(Instruction i) {
        return (i.opcode() & 8) == 0 ? (int) i.immediate() & 0xFF : dx();
    }

    private int dx() {
        return (int) cpu.read(Block.RDX, 2);
    }

    private void in(int port, int size) {
        checkPermission(port, size);
        cpu.write(Block.RAX, size, read(port, size) & 0xFFFF_FFFFL);
        watch(port, size);
    }

    private void out(int port, int size) {
        checkPermission(port, size);
        write(port, size, (int) cpu.read(Block.RAX, size));
        watch(port, size);
    }

    // ---- strings ----

    private void string(Instruction i, int size) {
        if (i.repeat() == 0) {
            element(i, size);
            return;
        }
        long count = cpu.read(Block.RCX, i.addressSize());
        while (count != 0) {
            element(i, size);
            count--;
            cpu.write(Block.RCX, i.addressSize(), count);
            if (count != 0 && isSomethingDue()) {
                cpu.nextRip = cpu.rip;
                return;
            }
        }
    }

    private boolean isSomethingDue() {
        return cpu.attention.get() != 0 || cpu.pendingDebug != 0 || cpu.isSet(Rflags.TF);
    }

    private void element(Instruction i, int size) {
        int port = dx();
        checkPermission(port, size);
        if (i.operation() == Operation.INS) {
            input(i, port, size);
        } else {
            output(i, port, size);
        }
        watch(port, size);
    }

    /** The place is tried before the port is read: a device must not give what is then lost. */
    private void input(Instruction i, int port, int size) {
        long offset = cpu.read(Block.RDI, i.addressSize());
        long linear = operands.linear(Cpu.ES, offset, size, Access.WRITE);
        mmu.probeWrite(linear, size);
        mmu.store(linear, size, read(port, size));
        cpu.write(Block.RDI, i.addressSize(), offset + cpu.direction() * size);
    }

    private void output(Instruction i, int port, int size) {
        long offset = cpu.read(Block.RSI, i.addressSize());
        int segment = i.segment() == Instruction.NONE ? Cpu.DS : i.segment();
        write(port, size, (int) mmu.load(operands.linear(segment, offset, size, Access.READ), size));
        cpu.write(Block.RSI, i.addressSize(), offset + cpu.direction() * size);
    }

    private int read(int port, int size) {
        long begun = cpu.devices.begin();
        int value = bus.in(port, size);
        cpu.devices.port(begun);
        return value;
    }

    private void write(int port, int size, int value) {
        long begun = cpu.devices.begin();
        bus.out(port, size, value);
        cpu.devices.port(begun);
    }

    // ---- permission ----

    /** By level, or by the bitmap in the task state (19.5.1 and 19.5.2); virtual-8086 mode has the bitmap alone (Vol. 3, 21.2.8.1). */
    private void checkPermission(int port, int size) {
        boolean free = cpu.mode == Mode.REAL || cpu.mode != Mode.VIRTUAL_8086 && cpu.cpl <= cpu.iopl();
        if (!free && !isPermitted(port, size)) {
            throw cpu.gp();
        }
    }

    /** Two octets of the map are read always, and must be within the limit. */
    private boolean isPermitted(int port, int size) {
        boolean state32 = (cpu.attributes[Cpu.TR] & 0x9D) == 0x89; // present, 32 or 64 bits, busy or not
        if (!state32 || cpu.limit[Cpu.TR] < TaskState.MINIMUM_LIMIT) {
            return false;
        }
        long at = mmu.systemLoad(cpu.base[Cpu.TR] + TaskState.IO_MAP, 2) + (port >> 3);
        if (at + 1 > cpu.limit[Cpu.TR]) {
            return false;
        }
        int bits = (1 << size) - 1 << (port & 7);
        return (mmu.systemLoad(cpu.base[Cpu.TR] + at, 2) & bits) == 0;
    }

    /** Breakpoints on ports, with CR4.DE (Vol. 3, 18.2.4): a trap is due after the access. */
    private void watch(int port, int size) {
        long dr7 = cpu.dr[7];
        if ((dr7 & 0xFF) == 0 || (cpu.cr4 & ControlRegisters.CR4_DE) == 0) {
            return;
        }
        for (int n = 0; n < 4; n++) {
            int length = DebugRegisters.length(dr7, n);
            long start = cpu.dr[n] & -length;
            boolean waits = DebugRegisters.isEnabled(dr7, n) && DebugRegisters.condition(dr7, n) == DebugRegisters.Condition.IO;
            if (waits && port < start + length && port + size > start) {
                cpu.pendingDebug |= 1L << n;
                cpu.attend(Cpu.SELF);
            }
        }
    }
}
