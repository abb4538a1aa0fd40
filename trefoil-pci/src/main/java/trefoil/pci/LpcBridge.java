package trefoil.pci;

import java.util.function.LongConsumer;

/**
 * Function 31.0: the LPC interface of the ICH9 (316972-004, 13.1), 8086:2918. PMBASE and ACPI_CNTL place the power-management block, PIRQ[n]_ROUT route PCI interrupts to the 8259As, RCBA is told.
 *
 * <p>Other registers (GPIOBASE, SIRQ_CNTL, decode ranges, GEN_PMCON, BIOS_CNTL) keep what is written and do nothing; the devices behind LPC are always decoded.
 */
public final class LpcBridge {
    public static final int SLOT = 31;

    private static final int PMBASE = 0x40;
    private static final int ACPI_CNTL = 0x44;
    private static final int ACPI_EN = 0x80;
    private static final int RCBA = 0xF0;
    private static final int[] ROUTES = {0x60, 0x61, 0x62, 0x63, 0x68, 0x69, 0x6A, 0x6B};

    private final ConfigSpace config = new ConfigSpace(new ConfigSpace.Identity(0x8086, 0x2918, 2, 0x060100, 0x1AF4, 0x1100));
    private final PirqRouter router;
    private final LongConsumer power;
    private final LongConsumer rootComplex;

    /**
     * @param power told the base of the power-management ports, -1 while they are not decoded
     * @param rootComplex told the base of the root complex registers, -1 while they are not decoded
     */
    public LpcBridge(PciRoot root, PirqRouter router, LongConsumer power, LongConsumer rootComplex) {
        this.router = router;
        this.power = power;
        this.rootComplex = rootComplex;
        config.set(PMBASE, 4, 1).allow(PMBASE, 4, 0xFF80).allow(ACPI_CNTL, 1, 0x87).watch(PMBASE, 5, this::movePower);
        config.allow(0x48, 4, 0xFF80).set(0x48, 4, 1).allow(0x4C, 1, 0x11);
        for (int i = 0; i < ROUTES.length; i++) {
            int pirq = i;
            config.set(ROUTES[i], 1, 0x80).allow(ROUTES[i], 1, 0x8F).watch(ROUTES[i], 1, () -> router.route(pirq, (int) config.get(ROUTES[pirq], 1)));
        }
        config.set(0x64, 1, 0x10).allow(0x64, 1, 0xFC).allow(0x80, 4, 0x3F0F_1377).allow(0xA0, 4, 0xFF).allow(0xDC, 1, 0x03);
        config.allow(RCBA, 4, 0xFFFF_C001).watch(RCBA, 4, this::moveRootComplex);
        root.add(SLOT, 0, config);
    }

    public ConfigSpace config() {
        return config;
    }

    /** Does what firmware would: places the power-management block and routes PIRQs to the 8259As, {@code irqs} in turn. */
    public void program(int powerBase, int... irqs) {
        config.write(PMBASE, 4, powerBase | 1);
        config.write(ACPI_CNTL, 1, ACPI_EN);
        for (int i = 0; i < ROUTES.length; i++) {
            config.write(ROUTES[i], 1, irqs[i % irqs.length]);
        }
    }

    /** The IRQ that a PIRQ is routed to at the 8259As, -1 if none. */
    public int irq(int pirq) {
        int route = (int) config.get(ROUTES[pirq], 1);
        return (route & 0x80) != 0 ? -1 : route & 15;
    }

    private void movePower() {
        boolean on = (config.get(ACPI_CNTL, 1) & ACPI_EN) != 0;
        power.accept(on ? config.get(PMBASE, 4) & 0xFF80 : -1);
    }

    private void moveRootComplex() {
        long value = config.get(RCBA, 4);
        rootComplex.accept((value & 1) != 0 ? value & 0xFFFF_C000L : -1);
    }
}
