package trefoil.pci;

import trefoil.machine.Bus;

/**
 * Device 0 of the board: the DRAM controller of Intel's 82Q35 (3 Series Express Chipset Family data sheet, 316966-002, 5.1), 8086:29C0, with the subsystem 1AF4:1100 by which firmware knows a virtual one.
 *
 * <p>PCIEXBAR moves the ECAM window; the PAM registers tell a {@link ShadowListener}. The other registers keep what is written and do nothing: EPBAR, MCHBAR, DMIBAR, SMRAM, TOM, TOUUD, TOLUD.
 */
public final class HostBridge {
    private static final int PCIEXBAR = 0x60;
    private static final int PAM0 = 0x90;
    private static final int PAMS = 7;
    private static final int SMRAM = 0x9D;
    private static final long[] LENGTHS = {256L << 20, 128L << 20, 64L << 20};

    private final ConfigSpace config = new ConfigSpace(new ConfigSpace.Identity(0x8086, 0x29C0, 2, 0x060000, 0x1AF4, 0x1100));
    private final Bus.Window[] ecam = new Bus.Window[LENGTHS.length];
    private final ShadowListener shadow;

    public HostBridge(PciRoot root, Bus bus, ShadowListener shadow) {
        this.shadow = shadow;
        for (int i = 0; i < LENGTHS.length; i++) {
            ecam[i] = bus.attach(root.ecam(), 0, LENGTHS[i]);
            ecam[i].hide();
        }
        config.allow(0x40, 8, 0xF_FFFF_F001L).allow(0x48, 8, 0xF_FFFF_C001L).allow(0x68, 8, 0xF_FFFF_F001L);
        config.allow(PCIEXBAR, 8, 0xF_FC00_0007L).watch(PCIEXBAR, 8, this::moveEcam);
        config.set(PCIEXBAR, 8, 0xE000_0000L);
        config.allow(PAM0, 1, 0x30).allow(PAM0 + 1, 6, 0x3333_3333_3333L).watch(PAM0, PAMS, this::tellShadow);
        config.set(SMRAM, 1, 0x02).allow(SMRAM, 1, 0x78).allow(0xA0, 4, 0xFFFF_01FF).allow(0xB0, 2, 0xFFF0);
        root.add(0, 0, config);
    }

    public ConfigSpace config() {
        return config;
    }

    /** Puts the ECAM window of all 256 buses somewhere, as firmware would. */
    public void placeEcam(long address) {
        config.write(PCIEXBAR + 4, 4, (int) (address >>> 32));
        config.write(PCIEXBAR, 4, (int) address | 1);
    }

    private void moveEcam() {
        long value = config.get(PCIEXBAR, 8);
        int length = (int) (value >> 1 & 3);
        for (int i = 0; i < ecam.length; i++) {
            if ((value & 1) != 0 && i == length) {
                ecam[i].move(value & 0xF_FFFF_FFFFL & -LENGTHS[i]);
            } else {
                ecam[i].hide();
            }
        }
    }

    private void tellShadow() {
        tell(0xF_0000, 0x1_0000, (int) config.get(PAM0, 1) >> 4);
        for (int pam = 1; pam < PAMS; pam++) {
            int value = (int) config.get(PAM0 + pam, 1);
            long start = 0xC_0000 + (pam - 1) * 0x8000L;
            tell(start, 0x4000, value);
            tell(start + 0x4000, 0x4000, value >> 4);
        }
    }

    private void tell(long start, long length, int bits) {
        shadow.shadow(start, length, (bits & 1) != 0, (bits & 2) != 0);
    }
}
