package trefoil.vmm;

/** What a tiny kernel needs to go to 64-bit mode: the way there, and tables that map the first 8 GiB to themselves by pages of 2 MiB. The code behind it runs in 64-bit mode, with interrupts off and an interrupt table of limit 0. */
final class LongMode {
    /** Where the tables begin: PML4, PDPT, eight page directories. */
    static final int TABLES = 0x12_0000;
    /** The table of what {@link #begin} loads. */
    private static final int GDT = 0x11_F000;
    private static final int GIBIBYTES = 8;

    private LongMode() {}

    /** The way from the entry of PVH to 64-bit mode. */
    static KernelBuilder begin() {
        KernelBuilder kernel = new KernelBuilder();
        kernel.code("0F20E0 83C820 0F22E0");                          // CR4.PAE
        kernel.code("B8").number(TABLES, 4).code("0F22D8");            // CR3
        kernel.code("B9 800000C0 0F32 0D 00010000 0F30");              // EFER.LME
        kernel.code("0F20C0 0D 00000080 0F22C0");                      // CR0.PG
        kernel.code("0F0115").number(GDT, 4);                          // LGDT
        kernel.code("0F011D").number(GDT + 6, 4);                      // LIDT: limit 0
        return kernel.code("EA").number(kernel.here() + 6, 4).code("0800");
    }

    /** Closes the code and adds the tables. */
    static KernelBuilder end(KernelBuilder kernel) {
        kernel.upTo(GDT).number(23, 2).number(GDT + 16, 4).number(0, 2).number(0, 4).upTo(GDT + 16);
        kernel.number(0, 8).number(0x00AF_9B00_0000_FFFFL, 8).number(0x00CF_9300_0000_FFFFL, 8);
        kernel.upTo(TABLES).number(TABLES + 0x1000 | 3, 8).upTo(TABLES + 0x1000);
        for (int n = 0; n < GIBIBYTES; n++) {
            kernel.number(TABLES + 0x1000 * (n + 2) | 3, 8);
        }
        kernel.upTo(TABLES + 0x2000);
        for (long n = 0; n < 512 * GIBIBYTES; n++) {
            kernel.number(n << 21 | 0x83, 8);
        }
        return kernel;
    }
}
