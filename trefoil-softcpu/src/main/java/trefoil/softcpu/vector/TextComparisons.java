package trefoil.softcpu.vector;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.Rflags;

/** PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM: comparison of texts of 16 octets or 8 words (Intel SDM Vol. 2, 4.1). The first operand is the set, the ranges or the needle. */
public final class TextComparisons implements Family {
    private static final int ANY = 0;
    private static final int RANGES = 1;
    private static final int EACH = 2;

    private final Cpu cpu;
    private final Vectors v;
    private final int[] first = new int[16];
    private final int[] second = new int[16];
    private int count;
    private int firstLength;
    private int secondLength;

    public TextComparisons(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.v = new Vectors(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM);
    }

    @Override
    public void execute(Instruction i) {
        v.check(i);
        int control = (int) i.immediate();
        v.read(i, 1);
        elements(second, control);
        v.read(i, 0);
        elements(first, control);
        lengths(i);
        int compared = compared(control >> 2 & 3);
        int mask = (1 << count) - 1;
        int result = switch (control >> 4 & 3) {
            case 1 -> ~compared & mask;
            case 3 -> (compared ^ (1 << secondLength) - 1) & mask;
            default -> compared;
        };
        boolean wantsMask = i.operation() == PCMPESTRM || i.operation() == PCMPISTRM;
        if (wantsMask) {
            mask(result, (control & 0x40) != 0);
        } else {
            index(result, (control & 0x40) != 0);
        }
        cpu.status((result != 0 ? Rflags.CF : 0) | (secondLength < count ? Rflags.ZF : 0) | (firstLength < count ? Rflags.SF : 0) | ((result & 1) != 0 ? Rflags.OF : 0));
    }

    /** Elements of what was read, by their format: octets or words, unsigned or signed. */
    private void elements(int[] to, int control) {
        boolean words = (control & 1) != 0;
        boolean signed = (control & 2) != 0;
        count = words ? 8 : 16;
        int bits = words ? 16 : 8;
        for (int n = 0; n < count; n++) {
            int at = n * bits;
            long half = at < 64 ? v.low : v.high;
            int value = (int) (half >>> at % 64) & (1 << bits) - 1;
            to[n] = signed ? value << 32 - bits >> 32 - bits : value;
        }
    }

    /** Explicit lengths are magnitudes of RAX and RDX, implicit ones end before the first 0. */
    private void lengths(Instruction i) {
        if (i.operation() == PCMPESTRI || i.operation() == PCMPESTRM) {
            firstLength = explicit(Block.RAX, i);
            secondLength = explicit(Block.RDX, i);
        } else {
            firstLength = implicit(first);
            secondLength = implicit(second);
        }
    }

    private int explicit(int register, Instruction i) {
        long length = i.operandSize() == 8 ? cpu.read(register, 8) : (int) cpu.read(register, 4);
        return length == Long.MIN_VALUE ? count : (int) Math.min(Math.abs(length), count);
    }

    private int implicit(int[] elements) {
        for (int n = 0; n < count; n++) {
            if (elements[n] == 0) {
                return n;
            }
        }
        return count;
    }

    /** One bit for each element of the second operand. */
    private int compared(int aggregation) {
        int bits = 0;
        for (int n = 0; n < count; n++) {
            boolean set = switch (aggregation) {
                case ANY -> isInSet(n);
                case RANGES -> isInRange(n);
                case EACH -> n < firstLength && n < secondLength ? first[n] == second[n] : n >= firstLength && n >= secondLength;
                default -> beginsHere(n);
            };
            bits |= set ? 1 << n : 0;
        }
        return bits;
    }

    private boolean isInSet(int n) {
        boolean found = false;
        for (int k = 0; k < firstLength && n < secondLength; k++) {
            found |= first[k] == second[n];
        }
        return found;
    }

    private boolean isInRange(int n) {
        boolean found = false;
        for (int k = 0; k + 1 < firstLength && n < secondLength; k += 2) {
            found |= first[k] <= second[n] && second[n] <= first[k + 1];
        }
        return found;
    }

    /** Equal ordered: whether the needle begins at {@code n}, as far as the text goes. Past the needle's end all is equal; past the text's end nothing of the needle is. */
    private boolean beginsHere(int n) {
        for (int k = 0; k < firstLength && n + k < count; k++) {
            if (n + k >= secondLength || first[k] != second[n + k]) {
                return false;
            }
        }
        return true;
    }

    private void index(int result, boolean highest) {
        int at = result == 0 ? count : highest ? 31 - Integer.numberOfLeadingZeros(result) : Integer.numberOfTrailingZeros(result);
        cpu.general(1, at);
    }

    private void mask(int result, boolean expanded) {
        if (!expanded) {
            cpu.xmm(0, result, 0);
            return;
        }
        long low = 0;
        long high = 0;
        int bits = 128 / count;
        for (int n = 0; n < count; n++) {
            long lane = (result >> n & 1) != 0 ? (1L << bits) - 1 : 0;
            int at = n * bits;
            low |= at < 64 ? lane << at : 0;
            high |= at >= 64 ? lane << at - 64 : 0;
        }
        cpu.xmm(0, low, high);
    }
}
