package trefoil.x86.disassemble;

/** Names of registers. */
final class RegisterNames {
    private static final String[] LEGACY = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final String[] LOW = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
    private static final String[] HIGH = {"ah", "ch", "dh", "bh"};
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

    private RegisterNames() {}

    /** A general register of {@code octets}; {@code rex} tells SPL from AH. */
    static String general(int number, int octets, boolean rex) {
        if (number > 7) {
            return "r" + number + switch (octets) {
                case 1 -> "b";
                case 2 -> "w";
                case 4 -> "d";
                default -> "";
            };
        }
        return switch (octets) {
            case 1 -> number > 3 && !rex ? HIGH[number - 4] : LOW[number];
            case 2 -> LEGACY[number];
            case 4 -> "e" + LEGACY[number];
            default -> "r" + LEGACY[number];
        };
    }

    /** XMM or YMM register. */
    static String vector(int number, int octets) {
        return (octets > 16 ? "ymm" : "xmm") + number;
    }

    /** A segment register; 6 and 7 do not exist. */
    static String segment(int number) {
        return number < SEGMENTS.length ? SEGMENTS[number] : "?";
    }
}
