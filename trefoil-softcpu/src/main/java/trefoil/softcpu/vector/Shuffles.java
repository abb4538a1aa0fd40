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

/** Unpacking, packing, shuffles, blends, insertions, shifts, and conversions of width (Intel SDM Vol. 1, 5.4.2, 5.4.6, 5.5.1.4, 5.6, 5.10). A vector here is its octets, so that a shuffle is a choice of octets. */
public final class Shuffles implements Family {
    private static final Set<Operation> UNPACK = EnumSet.of(
            PUNPCKLBW, PUNPCKLWD, PUNPCKLDQ, PUNPCKLQDQ, PUNPCKHBW, PUNPCKHWD, PUNPCKHDQ, PUNPCKHQDQ, UNPCKLPS, UNPCKLPD, UNPCKHPS, UNPCKHPD);
    private static final Set<Operation> PACK = EnumSet.of(PACKSSWB, PACKSSDW, PACKUSWB, PACKUSDW);
    private static final Set<Operation> SHIFT = EnumSet.of(PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD, PSLLW, PSLLD, PSLLQ);
    private static final Set<Operation> WIDEN = EnumSet.of(PMOVSXBW, PMOVSXBD, PMOVSXBQ, PMOVSXWD, PMOVSXWQ, PMOVSXDQ, PMOVZXBW, PMOVZXBD, PMOVZXBQ, PMOVZXWD, PMOVZXWQ, PMOVZXDQ);
    private static final Set<Operation> CHOOSE = EnumSet.of(PSHUFW, PSHUFD, PSHUFHW, PSHUFLW, PSHUFB, SHUFPS, SHUFPD, PALIGNR, PSRLDQ, PSLLDQ);
    private static final Set<Operation> BLEND = EnumSet.of(PBLENDW, BLENDPS, BLENDPD, PBLENDVB, BLENDVPS, BLENDVPD);
    private static final Set<Operation> INSERT = EnumSet.of(PINSRB, PINSRW, PINSRD, PEXTRB, PEXTRW, PEXTRD, EXTRACTPS, INSERTPS);

    private final Vectors v;
    private final byte[] a = new byte[16];
    private final byte[] b = new byte[16];
    private final byte[] result = new byte[16];

    public Shuffles(Cpu cpu, Mmu mmu, Operands operands) {
        this.v = new Vectors(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        Set<Operation> all = EnumSet.copyOf(UNPACK);
        for (Set<Operation> each : Set.of(PACK, SHIFT, WIDEN, CHOOSE, BLEND, INSERT)) {
            all.addAll(each);
        }
        return all;
    }

    @Override
    public void execute(Instruction i) {
        v.check(i);
        Operation operation = i.operation();
        if (INSERT.contains(operation)) {
            insertOrExtract(i);
        } else if (SHIFT.contains(operation)) {
            shift(i);
        } else {
            byOctets(i, operation);
        }
        if (Vectors.usesMmx(i)) {
            v.enterMmx();
        }
    }

    private void byOctets(Instruction i, Operation operation) {
        boolean one = operation == PSRLDQ || operation == PSLLDQ;
        if (!one) {
            v.read(i, 1);
            put(b, v.low, v.high);
        }
        v.read(i, 0);
        put(a, v.low, v.high);
        int width = Vectors.usesMmx(i) ? 8 : 16;
        if (UNPACK.contains(operation)) {
            unpack(operation, width);
        } else if (PACK.contains(operation)) {
            pack(operation, width);
        } else if (WIDEN.contains(operation)) {
            widen(operation);
        } else if (BLEND.contains(operation)) {
            blend(i, operation);
        } else {
            choose(operation, (int) i.immediate() & 0xFF, width);
        }
        v.write(i, 0, get(result, 0), get(result, 8));
    }

    private static void put(byte[] octets, long low, long high) {
        for (int n = 0; n < 8; n++) {
            octets[n] = (byte) (low >>> 8 * n);
            octets[n + 8] = (byte) (high >>> 8 * n);
        }
    }

    private static long get(byte[] octets, int from) {
        long value = 0;
        for (int n = 7; n >= 0; n--) {
            value = value << 8 | octets[from + n] & 0xFF;
        }
        return value;
    }

    private static long lane(byte[] octets, int n, int size) {
        long value = 0;
        for (int k = size - 1; k >= 0; k--) {
            value = value << 8 | octets[n * size + k] & 0xFF;
        }
        return value;
    }

    private void lane(int n, int size, long value) {
        for (int k = 0; k < size; k++) {
            result[n * size + k] = (byte) (value >>> 8 * k);
        }
    }

    private static long signed(long value, int size) {
        return value << 64 - 8 * size >> 64 - 8 * size;
    }

    private void unpack(Operation operation, int width) {
        int size = switch (operation) {
            case PUNPCKLBW, PUNPCKHBW -> 1;
            case PUNPCKLWD, PUNPCKHWD -> 2;
            case PUNPCKLDQ, PUNPCKHDQ, UNPCKLPS, UNPCKHPS -> 4;
            default -> 8;
        };
        boolean upper = switch (operation) {
            case PUNPCKHBW, PUNPCKHWD, PUNPCKHDQ, PUNPCKHQDQ, UNPCKHPS, UNPCKHPD -> true;
            default -> false;
        };
        int half = width / size / 2;
        for (int n = 0; n < half; n++) {
            int from = n + (upper ? half : 0);
            lane(2 * n, size, lane(a, from, size));
            lane(2 * n + 1, size, lane(b, from, size));
        }
    }

    private void pack(Operation operation, int width) {
        int size = operation == PACKSSDW || operation == PACKUSDW ? 4 : 2;
        boolean toUnsigned = operation == PACKUSWB || operation == PACKUSDW;
        int count = width / size;
        for (int n = 0; n < 2 * count; n++) {
            long value = signed(n < count ? lane(a, n, size) : lane(b, n - count, size), size);
            long narrow = toUnsigned ? Math.clamp(value, 0, (1L << 4 * size) - 1) : PackedIntegers.saturated(value, 4 * size);
            lane(n, size / 2, narrow);
        }
    }

    private void widen(Operation operation) {
        String name = operation.name();
        boolean bySign = name.startsWith("PMOVSX");
        int from = size(name.charAt(6));
        int to = size(name.charAt(7));
        for (int n = 0; n < 16 / to; n++) {
            long value = lane(b, n, from);
            lane(n, to, bySign ? signed(value, from) : value);
        }
    }

    private static int size(char letter) {
        return switch (letter) {
            case 'B' -> 1;
            case 'W' -> 2;
            case 'D' -> 4;
            default -> 8;
        };
    }

    private void blend(Instruction i, Operation operation) {
        int size = switch (operation) {
            case PBLENDVB -> 1;
            case PBLENDW -> 2;
            case BLENDPS, BLENDVPS -> 4;
            default -> 8;
        };
        boolean byRegister = operation == PBLENDVB || operation == BLENDVPS || operation == BLENDVPD;
        for (int n = 0; n < 16 / size; n++) {
            boolean second;
            if (byRegister) {
                int top = (n + 1) * size * 8 - 1;
                second = ((top < 64 ? v.cpu.xmmLow(0) : v.cpu.xmmHigh(0)) >>> top % 64 & 1) != 0;
            } else {
                second = (i.immediate() >> n & 1) != 0;
            }
            lane(n, size, lane(second ? b : a, n, size));
        }
    }

    private void choose(Operation operation, int immediate, int width) {
        switch (operation) {
            case PSHUFW -> words(immediate, 0);
            case PSHUFLW -> {
                System.arraycopy(b, 8, result, 8, 8);
                words(immediate, 0);
            }
            case PSHUFHW -> {
                System.arraycopy(b, 0, result, 0, 8);
                words(immediate, 4);
            }
            case PSHUFD -> {
                for (int n = 0; n < 4; n++) {
                    lane(n, 4, lane(b, immediate >> 2 * n & 3, 4));
                }
            }
            case SHUFPS -> {
                for (int n = 0; n < 4; n++) {
                    lane(n, 4, lane(n < 2 ? a : b, immediate >> 2 * n & 3, 4));
                }
            }
            case SHUFPD -> {
                lane(0, 8, lane(a, immediate & 1, 8));
                lane(1, 8, lane(b, immediate >> 1 & 1, 8));
            }
            case PSHUFB -> {
                for (int n = 0; n < width; n++) {
                    result[n] = b[n] < 0 ? 0 : a[b[n] & width - 1];
                }
            }
            case PALIGNR -> align(immediate, width);
            case PSRLDQ -> slide(immediate);
            default -> slide(-Math.min(immediate, 16));
        }
    }

    private void words(int immediate, int from) {
        for (int n = 0; n < 4; n++) {
            lane(from + n, 2, lane(b, from + (immediate >> 2 * n & 3), 2));
        }
    }

    /** The destination behind the source, {@code by} octets on. */
    private void align(int by, int width) {
        for (int n = 0; n < width; n++) {
            int from = n + by;
            result[n] = from < width ? b[from] : from < 2 * width ? a[from - width] : 0;
        }
    }

    private void slide(int by) {
        for (int n = 0; n < 16; n++) {
            int from = n + by;
            result[n] = from >= 0 && from < 16 ? a[from] : 0;
        }
    }

    // ---- shifts of lanes ----

    private void shift(Instruction i) {
        long count = i.immediate() & 0xFF;
        if (Vectors.operand(i, 1).addressing() != trefoil.x86.isa.Addressing.I) {
            v.read(i, 1);
            count = v.low;
        }
        v.read(i, 0);
        int n = Long.compareUnsigned(count, 64) > 0 ? 64 : (int) count;
        v.write(i, 0, shifted(i.operation(), v.low, n), shifted(i.operation(), v.high, n));
    }

    private static long shifted(Operation operation, long value, int n) {
        int bits = switch (operation) {
            case PSRLW, PSRAW, PSLLW -> 16;
            case PSRLD, PSRAD, PSLLD -> 32;
            default -> 64;
        };
        long r = 0;
        for (int at = 0; at < 64; at += bits) {
            long lane = value << 64 - bits - at;
            r |= switch (operation) {
                case PSRAW, PSRAD -> lane >> Math.min(n, bits - 1) >>> 64 - bits << at;
                case PSRLW, PSRLD, PSRLQ -> n >= bits ? 0 : lane >>> n >>> 64 - bits << at;
                // Below the lane are the bits of others, which must not come in.
                default -> n >= bits ? 0 : lane >>> 64 - bits << n << 64 - bits >>> 64 - bits << at;
            };
        }
        return r;
    }

    // ---- one element ----

    private void insertOrExtract(Instruction i) {
        int immediate = (int) i.immediate();
        switch (i.operation()) {
            case PINSRB -> insert(i, immediate & 15, 1);
            case PINSRW -> insert(i, immediate & (Vectors.usesMmx(i) ? 3 : 7), 2);
            case PINSRD -> insert(i, immediate & (i.operandSize() == 8 ? 1 : 3), i.operandSize() == 8 ? 8 : 4);
            case PEXTRB -> extract(i, immediate & 15, 1);
            case PEXTRW -> extract(i, immediate & (Vectors.usesMmx(i) ? 3 : 7), 2);
            case PEXTRD -> extract(i, immediate & (i.operandSize() == 8 ? 1 : 3), i.operandSize() == 8 ? 8 : 4);
            case EXTRACTPS -> extract(i, immediate & 3, 4);
            default -> insertSingle(i, immediate);
        }
    }

    private void insert(Instruction i, int n, int size) {
        v.read(i, 1);
        long value = v.low;
        v.read(i, 0);
        put(result, v.low, v.high);
        lane(n, size, value);
        v.write(i, 0, get(result, 0), get(result, 8));
    }

    private void extract(Instruction i, int n, int size) {
        v.read(i, 1);
        put(a, v.low, v.high);
        v.write(i, 0, lane(a, n, size), 0);
    }

    /** INSERTPS: an element of a register, or memory, to a place; then elements to be cleared. */
    private void insertSingle(Instruction i, int immediate) {
        v.read(i, 1);
        put(b, v.low, v.high);
        long value = lane(b, i.registerForm() ? immediate >> 6 & 3 : 0, 4);
        v.read(i, 0);
        put(result, v.low, v.high);
        lane(immediate >> 4 & 3, 4, value);
        for (int n = 0; n < 4; n++) {
            if ((immediate >> n & 1) != 0) {
                lane(n, 4, 0);
            }
        }
        v.write(i, 0, get(result, 0), get(result, 8));
    }
}
