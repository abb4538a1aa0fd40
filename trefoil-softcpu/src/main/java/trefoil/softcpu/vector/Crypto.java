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

/** AES rounds (FIPS 197), carry-less multiplication, SHA-1 and SHA-256 rounds (FIPS 180-4); Intel SDM Vol. 1, 5.12 to 5.14, Vol. 2 for each. */
public final class Crypto implements Family {
    private static final byte[] BOX = new byte[256];
    private static final byte[] INVERSE = new byte[256];
    private static final int REDUCTION = 0x11B;
    /** SHA-1's constants, by twenty rounds. */
    private static final int[] K1 = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};

    static {
        // FIPS 197, 5.1.1: the multiplicative inverse, then an affine transformation. 3 generates the field's non-zero elements.
        int p = 1;
        int q = 1;
        do {
            p = times(p, 3);
            q = times(q, 0xF6); // the inverse of 3
            int s = q ^ rotated(q, 1) ^ rotated(q, 2) ^ rotated(q, 3) ^ rotated(q, 4) ^ 0x63;
            BOX[p] = (byte) s;
        } while (p != 1);
        BOX[0] = 0x63;
        for (int n = 0; n < 256; n++) {
            INVERSE[BOX[n] & 0xFF] = (byte) n;
        }
    }

    private final Cpu cpu;
    private final Vectors v;
    private final int[] state = new int[16];
    private final int[] moved = new int[16];

    public Crypto(Cpu cpu, Mmu mmu, Operands operands) {
        this.cpu = cpu;
        this.v = new Vectors(cpu, mmu, operands);
    }

    @Override
    public Set<Operation> operations() {
        return EnumSet.of(AESENC, AESENCLAST, AESDEC, AESDECLAST, AESIMC, AESKEYGENASSIST, PCLMULQDQ, SHA1NEXTE, SHA1MSG1, SHA1MSG2, SHA1RNDS4, SHA256RNDS2, SHA256MSG1, SHA256MSG2);
    }

    @Override
    public void execute(Instruction i) {
        v.checkSse();
        v.read(i, 1);
        long low = v.low;
        long high = v.high;
        switch (i.operation()) {
            case AESENC, AESENCLAST, AESDEC, AESDECLAST -> round(i, low, high);
            case AESIMC -> {
                take(low, high);
                mixColumns(14, 11, 13, 9);
                give(i, 0, 0);
            }
            case AESKEYGENASSIST -> assist(i, low, high);
            case PCLMULQDQ -> multiply(i, low, high);
            default -> sha(i, low, high);
        }
    }

    // ---- AES ----

    /** Product in the field of FIPS 197, 4.2. */
    private static int times(int a, int b) {
        int product = 0;
        int left = a;
        for (int rest = b; rest != 0; rest >>= 1) {
            product ^= (rest & 1) != 0 ? left : 0;
            left <<= 1;
            left ^= left > 0xFF ? REDUCTION : 0;
        }
        return product;
    }

    private static int rotated(int octet, int n) {
        return (octet << n | octet >> 8 - n) & 0xFF;
    }

    private void take(long low, long high) {
        for (int n = 0; n < 8; n++) {
            state[n] = (int) (low >>> 8 * n) & 0xFF;
            state[n + 8] = (int) (high >>> 8 * n) & 0xFF;
        }
    }

    /** Writes the state, with a round key added. */
    private void give(Instruction i, long keyLow, long keyHigh) {
        long low = 0;
        long high = 0;
        for (int n = 7; n >= 0; n--) {
            low = low << 8 | state[n];
            high = high << 8 | state[n + 8];
        }
        cpu.xmm(i.reg(), low ^ keyLow, high ^ keyHigh);
    }

    private void round(Instruction i, long keyLow, long keyHigh) {
        take(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()));
        boolean decrypts = i.operation() == AESDEC || i.operation() == AESDECLAST;
        shiftRows(decrypts ? -1 : 1);
        byte[] box = decrypts ? INVERSE : BOX;
        for (int n = 0; n < 16; n++) {
            state[n] = box[state[n]] & 0xFF;
        }
        if (i.operation() == AESENC) {
            mixColumns(2, 3, 1, 1);
        } else if (i.operation() == AESDEC) {
            mixColumns(14, 11, 13, 9);
        }
        give(i, keyLow, keyHigh);
    }

    /** Row r, octets r, r + 4, r + 8, r + 12, by r places. */
    private void shiftRows(int direction) {
        for (int n = 0; n < 16; n++) {
            int row = n % 4;
            moved[n] = state[(n + 4 * row * direction + 16) % 16];
        }
        System.arraycopy(moved, 0, state, 0, 16);
    }

    private void mixColumns(int a, int b, int c, int d) {
        for (int at = 0; at < 16; at += 4) {
            for (int n = 0; n < 4; n++) {
                moved[at + n] = times(state[at + n], a) ^ times(state[at + (n + 1) % 4], b) ^ times(state[at + (n + 2) % 4], c) ^ times(state[at + (n + 3) % 4], d);
            }
        }
        System.arraycopy(moved, 0, state, 0, 16);
    }

    private static int substituted(int word) {
        int result = 0;
        for (int n = 24; n >= 0; n -= 8) {
            result = result << 8 | BOX[word >>> n & 0xFF] & 0xFF;
        }
        return result;
    }

    private void assist(Instruction i, long low, long high) {
        int first = substituted((int) (low >>> 32));
        int third = substituted((int) (high >>> 32));
        int constant = (int) i.immediate() & 0xFF;
        cpu.xmm(i.reg(), pair(first, Integer.rotateRight(first, 8) ^ constant), pair(third, Integer.rotateRight(third, 8) ^ constant));
    }

    private static long pair(int low, int high) {
        return low & 0xFFFF_FFFFL | (long) high << 32;
    }

    // ---- PCLMULQDQ ----

    private void multiply(Instruction i, long low, long high) {
        long a = (i.immediate() & 1) == 0 ? cpu.xmmLow(i.reg()) : cpu.xmmHigh(i.reg());
        long b = (i.immediate() & 0x10) == 0 ? low : high;
        long productLow = 0;
        long productHigh = 0;
        for (int n = 0; n < 64; n++) {
            if ((b >>> n & 1) != 0) {
                productLow ^= a << n;
                productHigh ^= n == 0 ? 0 : a >>> 64 - n;
            }
        }
        cpu.xmm(i.reg(), productLow, productHigh);
    }

    // ---- SHA: word 0 is the lowest doubleword ----

    private static int word(long low, long high, int n) {
        return (int) ((n < 2 ? low : high) >>> 32 * (n & 1));
    }

    private void write(Instruction i, int w0, int w1, int w2, int w3) {
        cpu.xmm(i.reg(), pair(w0, w1), pair(w2, w3));
    }

    private void sha(Instruction i, long low, long high) {
        long a = cpu.xmmLow(i.reg());
        long b = cpu.xmmHigh(i.reg());
        switch (i.operation()) {
            case SHA1NEXTE -> cpu.xmm(i.reg(), low, pair((int) high, word(low, high, 3) + Integer.rotateLeft(word(a, b, 3), 30)));
            case SHA1MSG1 -> write(i, word(a, b, 0) ^ word(low, high, 2), word(a, b, 1) ^ word(low, high, 3), word(a, b, 2) ^ word(a, b, 0), word(a, b, 3) ^ word(a, b, 1));
            case SHA1MSG2 -> {
                int w16 = Integer.rotateLeft(word(a, b, 3) ^ word(low, high, 2), 1);
                int w17 = Integer.rotateLeft(word(a, b, 2) ^ word(low, high, 1), 1);
                int w18 = Integer.rotateLeft(word(a, b, 1) ^ word(low, high, 0), 1);
                write(i, Integer.rotateLeft(word(a, b, 0) ^ w16, 1), w18, w17, w16);
            }
            case SHA1RNDS4 -> rounds1(i, low, high, (int) i.immediate() & 3);
            case SHA256RNDS2 -> rounds256(i, low, high);
            case SHA256MSG1 -> write(
                    i,
                    word(a, b, 0) + small0(word(a, b, 1)),
                    word(a, b, 1) + small0(word(a, b, 2)),
                    word(a, b, 2) + small0(word(a, b, 3)),
                    word(a, b, 3) + small0(word(low, high, 0)));
            case SHA256MSG2 -> {
                int w16 = word(a, b, 0) + small1(word(low, high, 2));
                int w17 = word(a, b, 1) + small1(word(low, high, 3));
                write(i, w16, w17, word(a, b, 2) + small1(w16), word(a, b, 3) + small1(w17));
            }
            default -> throw new IllegalStateException(i.row().toString());
        }
    }

    private static int small0(int w) {
        return Integer.rotateRight(w, 7) ^ Integer.rotateRight(w, 18) ^ w >>> 3;
    }

    private static int small1(int w) {
        return Integer.rotateRight(w, 17) ^ Integer.rotateRight(w, 19) ^ w >>> 10;
    }

    private static int mixed(int kind, int b, int c, int d) {
        return switch (kind) {
            case 0 -> b & c ^ ~b & d;
            case 2 -> b & c ^ b & d ^ c & d;
            default -> b ^ c ^ d;
        };
    }

    /** Four rounds; A is the highest doubleword, and E comes added to the first word of the message. */
    private void rounds1(Instruction i, long low, long high, int kind) {
        int a = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 3);
        int b = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 2);
        int c = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 1);
        int d = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 0);
        int e = 0;
        for (int n = 0; n < 4; n++) {
            int next = mixed(kind, b, c, d) + Integer.rotateLeft(a, 5) + word(low, high, 3 - n) + e + K1[kind];
            e = d;
            d = c;
            c = Integer.rotateLeft(b, 30);
            b = a;
            a = next;
        }
        write(i, d, c, b, a);
    }

    /** Two rounds: the first operand is C D G H from the highest down, the second A B E F; words and constants come added in XMM0. */
    private void rounds256(Instruction i, long low, long high) {
        int c = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 3);
        int d = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 2);
        int g = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 1);
        int h = word(cpu.xmmLow(i.reg()), cpu.xmmHigh(i.reg()), 0);
        int a = word(low, high, 3);
        int b = word(low, high, 2);
        int e = word(low, high, 1);
        int f = word(low, high, 0);
        for (int n = 0; n < 2; n++) {
            int big1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
            int first = h + big1 + (e & f ^ ~e & g) + word(cpu.xmmLow(0), cpu.xmmHigh(0), n);
            int big0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
            int second = big0 + (a & b ^ a & c ^ b & c);
            h = g;
            g = f;
            f = e;
            e = d + first;
            d = c;
            c = b;
            b = a;
            a = first + second;
        }
        write(i, f, e, b, a);
    }
}
