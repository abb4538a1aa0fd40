package trefoil.softcpu.system;

import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.Rflags;

/** RDRAND and RDSEED (Intel SDM Vol. 1, 7.3.17): random bits from the host, which never runs out, so CF is always set; OF SF ZF AF PF are cleared. */
public final class RandomNumbers implements Family {
    private final Cpu cpu;
    private final SecureRandom random = new SecureRandom();

    public RandomNumbers(Cpu cpu) {
        this.cpu = cpu;
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(Operation.RDRAND, Operation.RDSEED);
    }

    @Override
    public void execute(Instruction i) {
        int size = i.operandSize();
        cpu.write(Operands.rmRegister(i, size), size, random.nextLong());
        cpu.status(Rflags.CF);
    }
}
