package trefoil.softcpu.vector;

import static trefoil.x86.isa.Operation.*;

import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.decode.Instruction;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.Rflags;

/** Arithmetic, comparison and logic on packed integers, lane by lane (Intel SDM Vol. 1, 5.4.3 to 5.4.5, 5.6.3, 5.8, 5.10). */
public final class PackedIntegers implements Family {
    private static final Set<Operation> OCTETS = EnumSet.of(PADDB, PADDSB, PADDUSB, PSUBB, PSUBSB, PSUBUSB, PCMPEQB, PCMPGTB, PAVGB, PMINUB, PMINSB, PMAXUB, PMAXSB, PSIGNB, PABSB);
    private static final Set<Operation> WORDS = EnumSet.of(
            PADDW, PADDSW, PADDUSW, PSUBW, PSUBSW, PSUBUSW, PCMPEQW, PCMPGTW, PAVGW, PMINUW, PMINSW, PMAXUW, PMAXSW, PSIGNW, PABSW, PMULLW, PMULHW, PMULHUW, PMULHRSW);
    private static final Set<Operation> DOUBLEWORDS = EnumSet.of(PADDD, PSUBD, PCMPEQD, PCMPGTD, PMINUD, PMINSD, PMAXUD, PMAXSD, PSIGND, PABSD, PMULLD);
    private static final Set<Operation> QUADWORDS = EnumSet.of(PADDQ, PSUBQ, PCMPEQQ, PCMPGTQ, PMULUDQ, PMULDQ);
    private static final Set<Operation> LOGIC = EnumSet.of(PAND, PANDN, POR, PXOR, ANDPS, ANDPD, ANDNPS, ANDNPD, ORPS, ORPD, XORPS, XORPD);
    private static final Set<Operation> SUMS = EnumSet.of(PMADDWD, PMADDUBSW, PSADBW, PHADDW, PHADDD, PHADDSW, PHSUBW, PHSUBD, PHSUBSW, MPSADBW, PHMINPOSUW, PTEST);

    private final Cpu cpu;
    private final Vectors v;

    public PackedIntegers(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.v = new Vectors(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        Set<Operation> all = EnumSet.copyOf(OCTETS);
        all.addAll(WORDS);
        all.addAll(DOUBLEWORDS);
        all.addAll(QUADWORDS);
        all.addAll(LOGIC);
        all.addAll(SUMS);
        return all;
    }

    @Override
    public void execute(Instruction i) {
        v.check(i);
        v.read(i, 1);
        long sourceLow = v.low;
        long sourceHigh = v.high;
        v.read(i, 0);
        Operation operation = i.operation();
        if (operation == PTEST) {
            test(sourceLow, sourceHigh);
            return;
        }
        compute(i, operation, sourceLow, sourceHigh);
        if (Vectors.usesMmx(i)) {
            v.enterMmx();
        }
    }

    private void compute(Instruction i, Operation operation, long sourceLow, long sourceHigh) {
        if (SUMS.contains(operation)) {
            sum(i, operation, sourceLow, sourceHigh);
            return;
        }
        int bits = OCTETS.contains(operation) ? 8 : WORDS.contains(operation) ? 16 : DOUBLEWORDS.contains(operation) ? 32 : 64;
        v.write(i, 0, lanes(operation, v.low, sourceLow, bits), lanes(operation, v.high, sourceHigh, bits));
    }

    private void test(long sourceLow, long sourceHigh) {
        boolean zero = (v.low & sourceLow | v.high & sourceHigh) == 0;
        boolean carry = (~v.low & sourceLow | ~v.high & sourceHigh) == 0;
        cpu.status((zero ? Rflags.ZF : 0) | (carry ? Rflags.CF : 0));
    }

    /** One half of the vector, lane by lane. */
    private static long lanes(Operation operation, long a, long b, int bits) {
        if (bits == 64) {
            return whole(operation, a, b);
        }
        long mask = (1L << bits) - 1;
        long result = 0;
        for (int at = 0; at < 64; at += bits) {
            result |= (lane(operation, a << 64 - bits - at >> 64 - bits, b << 64 - bits - at >> 64 - bits, bits) & mask) << at;
        }
        return result;
    }

    private static long whole(Operation operation, long a, long b) {
        return switch (operation) {
            case PADDQ -> a + b;
            case PSUBQ -> a - b;
            case PCMPEQQ -> a == b ? -1 : 0;
            case PCMPGTQ -> a > b ? -1 : 0;
            case PMULUDQ -> (a & 0xFFFF_FFFFL) * (b & 0xFFFF_FFFFL);
            case PMULDQ -> (long) (int) a * (int) b;
            case PAND, ANDPS, ANDPD -> a & b;
            case PANDN, ANDNPS, ANDNPD -> ~a & b;
            case POR, ORPS, ORPD -> a | b;
            case PXOR, XORPS, XORPD -> a ^ b;
            default -> throw new IllegalStateException(operation.name());
        };
    }

    private static long unsigned(long lane, int bits) {
        return lane & (1L << bits) - 1;
    }

    /** One lane; {@code a} and {@code b} are extended by their signs. */
    private static long lane(Operation operation, long a, long b, int bits) {
        return switch (operation) {
            case PADDB, PADDW, PADDD -> a + b;
            case PSUBB, PSUBW, PSUBD -> a - b;
            case PADDSB, PADDSW -> saturated(a + b, bits);
            case PSUBSB, PSUBSW -> saturated(a - b, bits);
            case PADDUSB, PADDUSW -> Math.min(unsigned(a, bits) + unsigned(b, bits), (1L << bits) - 1);
            case PSUBUSB, PSUBUSW -> Math.max(unsigned(a, bits) - unsigned(b, bits), 0);
            case PCMPEQB, PCMPEQW, PCMPEQD -> a == b ? -1 : 0;
            case PCMPGTB, PCMPGTW, PCMPGTD -> a > b ? -1 : 0;
            case PAVGB, PAVGW -> unsigned(a, bits) + unsigned(b, bits) + 1 >> 1;
            case PMINUB, PMINUW, PMINUD -> Math.min(unsigned(a, bits), unsigned(b, bits));
            case PMAXUB, PMAXUW, PMAXUD -> Math.max(unsigned(a, bits), unsigned(b, bits));
            case PMINSB, PMINSW, PMINSD -> Math.min(a, b);
            case PMAXSB, PMAXSW, PMAXSD -> Math.max(a, b);
            case PSIGNB, PSIGNW, PSIGND -> a * Long.signum(b);
            case PABSB, PABSW, PABSD -> Math.abs(b);
            default -> product(operation, a, b);
        };
    }

    private static long product(Operation operation, long a, long b) {
        return switch (operation) {
            case PMULLW, PMULLD -> a * b;
            case PMULHW -> a * b >> 16;
            case PMULHUW -> unsigned(a, 16) * unsigned(b, 16) >> 16;
            case PMULHRSW -> (a * b >> 14) + 1 >> 1;
            default -> throw new IllegalStateException(operation.name());
        };
    }

    static long saturated(long value, int bits) {
        long greatest = (1L << bits - 1) - 1;
        return Math.clamp(value, -greatest - 1, greatest);
    }

    // ---- sums over neighbours ----

    private void sum(Instruction i, Operation operation, long sourceLow, long sourceHigh) {
        switch (operation) {
            case PMADDWD, PMADDUBSW, PSADBW -> v.write(i, 0, pairs(operation, v.low, sourceLow), pairs(operation, v.high, sourceHigh));
            case MPSADBW -> blocks(i, sourceLow, sourceHigh);
            case PHMINPOSUW -> minimum(i, sourceLow, sourceHigh);
            default -> horizontal(i, operation, sourceLow, sourceHigh);
        }
    }

    private static long pairs(Operation operation, long a, long b) {
        long result = 0;
        switch (operation) {
            case PMADDWD -> {
                for (int at = 0; at < 64; at += 32) {
                    long sum = (long) (short) (a >>> at) * (short) (b >>> at) + (long) (short) (a >>> at + 16) * (short) (b >>> at + 16);
                    result |= (sum & 0xFFFF_FFFFL) << at;
                }
            }
            case PMADDUBSW -> {
                for (int at = 0; at < 64; at += 16) {
                    long sum = (a >>> at & 0xFF) * (byte) (b >>> at) + (a >>> at + 8 & 0xFF) * (byte) (b >>> at + 8);
                    result |= (saturated(sum, 16) & 0xFFFF) << at;
                }
            }
            default -> {
                for (int at = 0; at < 64; at += 8) {
                    result += Math.abs((a >>> at & 0xFF) - (b >>> at & 0xFF));
                }
            }
        }
        return result;
    }

    /** PHADD and PHSUB: neighbours of the destination, then neighbours of the source. */
    private void horizontal(Instruction i, Operation operation, long sourceLow, long sourceHigh) {
        int bits = operation == PHADDD || operation == PHSUBD ? 32 : 16;
        long first = neighbours(operation, v.low, bits);
        long second = neighbours(operation, v.high, bits);
        long third = neighbours(operation, sourceLow, bits);
        if (Vectors.usesMmx(i)) {
            v.write(i, 0, first | third << 32, 0);
        } else {
            v.write(i, 0, first | second << 32, third | neighbours(operation, sourceHigh, bits) << 32);
        }
    }

    /** Results in the low half. */
    private static long neighbours(Operation operation, long a, int bits) {
        long result = 0;
        for (int at = 0; at < 64; at += 2 * bits) {
            long x = a << 64 - bits - at >> 64 - bits;
            long y = a << 64 - 2 * bits - at >> 64 - bits;
            long value = switch (operation) {
                case PHADDW, PHADDD -> x + y;
                case PHSUBW, PHSUBD -> x - y;
                case PHADDSW -> saturated(x + y, 16);
                case PHSUBSW -> saturated(x - y, 16);
                default -> throw new IllegalStateException(operation.name());
            };
            result |= (value & (1L << bits) - 1) << at / 2;
        }
        return result;
    }

    /** MPSADBW: sums of absolute differences of four octets of the source and of four beginning at each octet of the destination. */
    private void blocks(Instruction i, long sourceLow, long sourceHigh) {
        int from = (int) i.immediate() & 3;
        int start = (int) (i.immediate() >> 2 & 1) * 4;
        long[] sums = new long[2];
        for (int n = 0; n < 8; n++) {
            long sum = 0;
            for (int k = 0; k < 4; k++) {
                sum += Math.abs(octet(v.low, v.high, start + n + k) - octet(sourceLow, sourceHigh, from * 4 + k));
            }
            sums[n / 4] |= sum << n % 4 * 16;
        }
        v.write(i, 0, sums[0], sums[1]);
    }

    private static long octet(long low, long high, int n) {
        return (n < 8 ? low : high) >>> n % 8 * 8 & 0xFF;
    }

    private void minimum(Instruction i, long sourceLow, long sourceHigh) {
        long least = 0x1_0000;
        long where = 0;
        for (int n = 0; n < 8; n++) {
            long word = (n < 4 ? sourceLow : sourceHigh) >>> n % 4 * 16 & 0xFFFF;
            if (word < least) {
                least = word;
                where = n;
            }
        }
        v.write(i, 0, least | where << 16, 0);
    }
}
