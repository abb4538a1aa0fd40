package trefoil.pc.interrupt;

/** Which registers there are, and what may be written (Intel SDM volume 3, tables 11-1 and 11-6). */
final class X2ApicRegisters {
    private X2ApicRegisters() {}

    /** In the page of the xAPIC: others are an illegal register address. */
    static boolean existsInPage(int number) {
        return switch (number) {
            case 0x02, 0x03, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x28 -> true;
            default -> number >= 0x10 && number < 0x28 || number >= 0x30 && number < 0x3A || number == 0x3E;
        };
    }

    /** As MSR: others raise #GP. */
    static boolean isReadable(int number) {
        return switch (number) {
            case 0x02, 0x03, 0x08, 0x0A, 0x0D, 0x0F, 0x28, 0x30 -> true;
            default -> number >= 0x10 && number < 0x28 || number >= 0x32 && number < 0x3A || number == 0x3E;
        };
    }

    /** Whether the MSR can be written and the value sets no reserved bit. */
    static boolean isWritable(int number, long value) {
        return (value & ~writable(number)) == 0 && isWritten(number);
    }

    private static boolean isWritten(int number) {
        return switch (number) {
            case 0x08, 0x0B, 0x0F, 0x28, 0x30, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x3E, 0x3F -> true;
            default -> false;
        };
    }

    /** Bits that are not reserved; read-only ones (delivery status, remote IRR) may be written and stay. */
    private static long writable(int number) {
        return switch (number) {
            case 0x08, 0x3F -> 0xFF;
            case 0x0F -> 0x1FF;
            case 0x30 -> 0xFFFF_FFFF_000C_CFFFL;
            case 0x32 -> 0x7_10FF;
            case 0x33, 0x34 -> 0x1_17FF;
            case 0x35, 0x36 -> 0x1_F7FF;
            case 0x37 -> 0x1_10FF;
            case 0x38 -> 0xFFFF_FFFFL;
            case 0x3E -> 0b1011;
            default -> 0; // EOI and ESR take 0 alone
        };
    }
}
