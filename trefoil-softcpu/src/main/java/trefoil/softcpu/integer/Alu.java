package trefoil.softcpu.integer;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Flags;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;

/** Addition, subtraction, logic, and the compare-and-exchange kind (Intel SDM Vol. 1, 5.1.2 to 5.1.4). */
public final class Alu implements Family {
    private final Cpu cpu;
    private final Values values;
    private long result;
    private long aux;

    public Alu(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.values = new Values(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT, XADD, CMPXCHG, CMPXCHG8B, CMPXCHG16B, ADCX, ADOX);
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case CMP, TEST -> {
                compute(i.operation(), values.read(i, 0), values.read(i, 1), Values.size(i, 0));
                commit();
            }
            case ADD, OR, ADC, SBB, AND, SUB, XOR -> binary(i, values.read(i, 1));
            case INC, DEC, NEG -> binary(i, 1);
            case NOT -> values.update(i, 0, before -> ~before);
            case XADD -> exchangeAndAdd(i);
            case CMPXCHG -> compareAndExchange(i);
            case CMPXCHG8B -> compareAndExchange8(i);
            case CMPXCHG16B -> compareAndExchange16(i);
            case ADCX, ADOX -> addOneFlag(i);
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private void binary(Instruction i, long b) {
        Operation operation = i.operation();
        int size = Values.size(i, 0);
        values.update(i, 0, a -> compute(operation, a, b, size));
        commit();
    }

    private void commit() {
        cpu.flagResult = result;
        cpu.flagAux = aux;
    }

    /** The result, extended by its sign; it and what goes with it become the flags at {@link #commit}. */
    private long compute(Operation operation, long a, long b, int size) {
        int bits = 8 * size;
        long carry = cpu.carry() ? 1 : 0;
        switch (operation) {
            case ADD -> added(a, b, a + b, bits);
            case ADC -> added(a, b, a + b + carry, bits);
            case SUB, CMP -> subtracted(a, b, a - b, bits);
            case SBB -> subtracted(a, b, a - b - carry, bits);
            case NEG -> subtracted(0, a, -a, bits);
            case INC -> {
                added(a, 1, a + 1, bits);
                aux = Flags.withCarry(aux, carry != 0);
            }
            case DEC -> {
                subtracted(a, 1, a - 1, bits);
                aux = Flags.withCarry(aux, carry != 0);
            }
            case AND, TEST -> logical(a & b, size);
            case OR -> logical(a | b, size);
            case XOR -> logical(a ^ b, size);
            default -> throw new IllegalStateException(operation.toString());
        }
        return result;
    }

    private void added(long a, long b, long sum, int bits) {
        aux = Flags.ofAddition(a, b, sum, bits);
        result = sum << 64 - bits >> 64 - bits;
    }

    private void subtracted(long a, long b, long difference, int bits) {
        aux = Flags.ofSubtraction(a, b, difference, bits);
        result = difference << 64 - bits >> 64 - bits;
    }

    private void logical(long value, int size) {
        aux = 0;
        result = Values.signed(value, size);
    }

    private void exchangeAndAdd(Instruction i) {
        int size = Values.size(i, 0);
        long b = values.read(i, 1);
        long[] before = new long[1];
        values.update(i, 0, a -> {
            before[0] = a;
            return compute(ADD, a, b, size);
        });
        long sum = result;
        values.write(i, 1, before[0]);
        if (!Values.isMemory(i, 0)) {
            // With one register for both the sum is what stays (Vol. 2, XADD).
            values.write(i, 0, sum);
        }
        commit();
    }

    private void compareAndExchange(Instruction i) {
        int size = Values.size(i, 0);
        long expected = cpu.read(Block.RAX, size);
        long source = values.read(i, 1);
        long[] found = new long[1];
        if (Values.isMemory(i, 0)) {
            values.update(i, 0, a -> {
                found[0] = a;
                return a == expected ? source : a;
            });
        } else {
            found[0] = values.read(i, 0);
            if (found[0] == expected) {
                values.write(i, 0, source);
            }
        }
        compute(CMP, expected, found[0], size);
        commit();
        if (found[0] != expected) {
            cpu.write(Block.RAX, size, found[0]);
        }
    }

    private void compareAndExchange8(Instruction i) {
        long expected = cpu.read(Block.RAX, 4) | cpu.read(Block.RDX, 4) << 32;
        long wanted = cpu.read(Block.RBX, 4) | cpu.read(Block.RCX, 4) << 32;
        long[] found = new long[1];
        values.update(values.operands.linear(i, 8, Access.WRITE), 8, i.lock(), a -> {
            found[0] = a;
            return a == expected ? wanted : a;
        });
        zero(found[0] == expected);
        if (found[0] != expected) {
            cpu.write(Block.RAX, 4, found[0]);
            cpu.write(Block.RDX, 4, found[0] >>> 32);
        }
    }

    private void compareAndExchange16(Instruction i) {
        long at = values.operands.linear(i, 16, Access.WRITE);
        if ((at & 15) != 0) {
            throw cpu.gp();
        }
        values.mmu.probeWrite(at, 16);
        if (i.lock()) {
            values.mmu.alone(() -> exchange16(at));
        } else {
            exchange16(at);
        }
    }

    private void exchange16(long at) {
        long low = values.mmu.load64(at);
        long high = values.mmu.load64(at + 8);
        boolean equal = low == cpu.general(0) && high == cpu.general(2);
        values.mmu.store64(at, equal ? cpu.general(3) : low);
        values.mmu.store64(at + 8, equal ? cpu.general(1) : high);
        zero(equal);
        if (!equal) {
            cpu.general(0, low);
            cpu.general(2, high);
        }
    }

    private void zero(boolean set) {
        int status = cpu.status();
        cpu.status(set ? status | trefoil.x86.register.Rflags.ZF : status & ~trefoil.x86.register.Rflags.ZF);
    }

    /** ADCX and ADOX: a sum with one flag as carry in and out (Vol. 2). */
    private void addOneFlag(Instruction i) {
        int bits = 8 * Values.size(i, 0);
        boolean byCarry = i.operation() == ADCX;
        boolean in = byCarry ? cpu.carry() : Flags.isOverflow(cpu.flagAux);
        long a = values.read(i, 0);
        long b = values.read(i, 1);
        long sum = a + b + (in ? 1 : 0);
        boolean out = Flags.isCarry(Flags.ofAddition(a, b, sum, bits));
        values.write(i, 0, sum);
        boolean carry = byCarry ? out : cpu.carry();
        boolean overflow = byCarry ? Flags.isOverflow(cpu.flagAux) : out;
        cpu.flagAux = Flags.with(cpu.flagAux, carry, overflow);
    }
}
