package trefoil.softcpu.oracle;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.fixture.Lab;
import trefoil.softcpu.operand.Family;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;

/** The software processor in 64-bit mode at CPL 3, as a program of the host sees its processor. */
final class SoftSide implements AutoCloseable {
    private final Lab lab = new Lab().long64();
    private final Cpu cpu = lab.cpu;
    private final Map<Operation, Family> families = new EnumMap<>(Operation.class);
    private final Decoder decoder = new Decoder();
    private final Instruction instruction = new Instruction();
    private final long host;

    SoftSide(Function<Lab, List<Family>> made) {
        for (Family family : made.apply(lab)) {
            family.operations().forEach(operation -> families.put(operation, family));
        }
        cpu.cpl = 3;
        cpu.selector[Cpu.CS] = 0x33;
        cpu.selector[Cpu.SS] = 0x2B;
        cpu.cr0 |= ControlRegisters.CR0_MP;
        lab.mmu.privilegeChanged();
        host = lab.memory.writableHost(State.MEMORY);
    }

    boolean executes(Operation operation) {
        return families.containsKey(operation);
    }

    void execute(byte[] octets, State before, State after) {
        load(before);
        cpu.rip = NativeStub.CODE;
        after.vector = -1;
        try {
            if (decoder.decode(CodeSize.BITS64, octets, 0, octets.length, instruction) != Outcome.DECODED) {
                throw cpu.ud();
            }
            step();
        } catch (Fault fault) {
            after.vector = fault.vector().number();
        }
        store(after);
        after.taken = after.vector < 0 && cpu.nextRip == NativeStub.CODE + octets.length + NativeStub.LANDING;
        if (after.vector < 0 && !after.taken && cpu.nextRip != NativeStub.CODE + octets.length) {
            throw new AssertionError("RIP is neither at the end nor at the landing: " + Long.toHexString(cpu.nextRip));
        }
    }

    /** A string instruction may leave its loop early and go on where it was. */
    private void step() {
        do {
            cpu.nextRip = cpu.rip + instruction.length();
            families.get(instruction.operation()).execute(instruction);
        } while (cpu.nextRip == cpu.rip);
    }

    private void load(State before) {
        for (int n = 0; n < 16; n++) {
            cpu.general(n, before.general[n]);
            cpu.xmm(n, before.quad(State.xmm(n)), before.quad(State.xmm(n) + 8));
        }
        cpu.status((int) before.flags);
        cpu.systemFlags = before.flags & ~Rflags.STATUS | Rflags.ALWAYS;
        cpu.mxcsr = before.word(State.FX_MXCSR);
        cpu.x87.control = before.half(State.FX_CONTROL);
        cpu.x87.statusWord(before.half(State.FX_STATUS));
        cpu.x87.valid = before.fx[State.FX_TAGS] & 0xFF;
        for (int i = 0; i < 8; i++) {
            int at = cpu.x87.top + i & 7;
            cpu.x87.significand[at] = before.quad(State.stack(i));
            cpu.x87.signExponent[at] = before.half(State.stack(i) + 8);
        }
        for (int i = 0; i < State.MEMORY_SIZE; i += 8) {
            RawMemory.putLong(host + i, State.quad(i, before.memory));
        }
    }

    private void store(State after) {
        for (int n = 0; n < 16; n++) {
            after.general[n] = cpu.general(n);
            after.quad(State.xmm(n), cpu.xmmLow(n));
            after.quad(State.xmm(n) + 8, cpu.xmmHigh(n));
        }
        after.flags = cpu.rflags();
        after.word(State.FX_MXCSR, cpu.mxcsr);
        after.half(State.FX_CONTROL, cpu.x87.control);
        after.half(State.FX_STATUS, cpu.x87.statusWord());
        after.half(State.FX_TAGS, cpu.x87.valid & 0xFF);
        for (int i = 0; i < 8; i++) {
            int at = cpu.x87.top + i & 7;
            after.quad(State.stack(i), cpu.x87.significand[at]);
            after.half(State.stack(i) + 8, cpu.x87.signExponent[at]);
        }
        for (int i = 0; i < State.MEMORY_SIZE; i += 8) {
            State.quad(i, RawMemory.getLong(host + i), after.memory);
        }
    }

    @Override
    public void close() {
        lab.close();
    }
}
