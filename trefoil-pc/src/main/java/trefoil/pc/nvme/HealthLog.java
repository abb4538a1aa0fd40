package trefoil.pc.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import trefoil.machine.Clock;

/**
 * Log pages (NVMe 1.4, 5.14.1): errors, health, firmware, changed namespaces. Thread-safe. A disk of this kind does not wear; its temperature is always {@link Identity#KELVIN}. Counters begin with the machine, and power-on
 * hours are those that it was not paused.
 */
final class HealthLog {
    static final int ERRORS = 0x01;
    static final int HEALTH = 0x02;
    static final int FIRMWARE = 0x03;
    static final int CHANGED_NAMESPACES = 0x04;
    /** Errors that are remembered. */
    static final int ENTRIES = 16;
    /** No command: an error of a doorbell. */
    static final int NO_COMMAND = 0xFFFF;

    private static final int ENTRY = 64;
    private static final int FIELDS = 6;
    private static final int READ_BLOCKS = 0;
    private static final int WRITTEN_BLOCKS = 1;
    private static final int READS = 2;
    private static final int WRITES = 3;
    private static final int BUSY_NANOS = 4;
    private static final int MEDIA_ERRORS = 5;
    private static final int ERROR_COUNT = 6;
    private static final int CHANGED = 7;
    private static final long MINUTE = 60_000_000_000L;

    private final Clock clock;
    private final long[] counters = new long[CHANGED + 1];
    private final long[] errors = new long[ENTRIES * FIELDS];

    HealthLog(Clock clock) {
        this.clock = clock;
    }

    // ---- counting ----

    synchronized void read(long bytes) {
        counters[READS]++;
        counters[READ_BLOCKS] += bytes >>> 9;
    }

    synchronized void wrote(long bytes) {
        counters[WRITES]++;
        counters[WRITTEN_BLOCKS] += bytes >>> 9;
    }

    synchronized void busy(long nanos) {
        counters[BUSY_NANOS] += nanos;
    }

    synchronized void namespaceChanged() {
        counters[CHANGED] = 1;
    }

    /** Remembers an error; {@code block} and {@code namespace} are 0 where there is none. */
    synchronized void error(int queue, int command, int status, long block, int namespace) {
        System.arraycopy(errors, FIELDS, errors, 0, errors.length - FIELDS);
        long[] entry = {++counters[ERROR_COUNT], queue, command, status, block, namespace & 0xFFFF_FFFFL};
        System.arraycopy(entry, 0, errors, errors.length - FIELDS, FIELDS);
        if (status == Status.UNRECOVERED_READ || status == Status.WRITE_FAULT) {
            counters[MEDIA_ERRORS]++;
        }
    }

    // ---- pages ----

    /** A whole page; null if there is none of that number. {@code warnings}: the critical ones of 5.14.1.2. */
    synchronized byte[] page(int log, int warnings) {
        return switch (log) {
            case ERRORS -> errorPage();
            case HEALTH -> healthPage(warnings);
            case FIRMWARE -> firmwarePage();
            case CHANGED_NAMESPACES -> changedPage();
            default -> null;
        };
    }

    /** Forgets what reading the page ends. */
    synchronized void taken(int log) {
        if (log == CHANGED_NAMESPACES) {
            counters[CHANGED] = 0;
        }
    }

    private static ByteBuffer zeroes(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The newest first. */
    private byte[] errorPage() {
        ByteBuffer page = zeroes(ENTRIES * ENTRY);
        for (int i = 0; i < ENTRIES; i++) {
            int from = (ENTRIES - 1 - i) * FIELDS;
            int at = i * ENTRY;
            if (errors[from] != 0) {
                page.putLong(at, errors[from]).putShort(at + 8, (short) errors[from + 1]).putShort(at + 10, (short) errors[from + 2]);
                page.putShort(at + 12, (short) (errors[from + 3] << 1)).putShort(at + 14, (short) 0xFFFF);
                page.putLong(at + 16, errors[from + 4]).putInt(at + 24, (int) errors[from + 5]);
            }
        }
        return page.array();
    }

    private byte[] healthPage(int warnings) {
        ByteBuffer page = zeroes(512);
        page.put(0, (byte) warnings).putShort(1, (short) Identity.KELVIN).put(3, (byte) 100).put(4, (byte) 10);
        page.putLong(32, thousands(counters[READ_BLOCKS])).putLong(48, thousands(counters[WRITTEN_BLOCKS]));
        page.putLong(64, counters[READS]).putLong(80, counters[WRITES]).putLong(96, counters[BUSY_NANOS] / MINUTE);
        page.putLong(112, 1).putLong(128, clock.nanos() / (60 * MINUTE));
        page.putLong(160, counters[MEDIA_ERRORS]).putLong(176, counters[ERROR_COUNT]);
        return page.array();
    }

    private static long thousands(long blocks) {
        return (blocks + 999) / 1000;
    }

    private static byte[] firmwarePage() {
        return zeroes(512).put(0, (byte) 1).put(8, Identity.FIRMWARE.getBytes(StandardCharsets.US_ASCII)).array();
    }

    private byte[] changedPage() {
        return zeroes(4096).putInt(0, (int) counters[CHANGED]).array();
    }

    // ---- state ----

    synchronized NvmeState.Health state() {
        return new NvmeState.Health(counters.clone(), errors.clone());
    }

    synchronized void restore(NvmeState.Health state) {
        System.arraycopy(state.counters(), 0, counters, 0, counters.length);
        System.arraycopy(state.errors(), 0, errors, 0, errors.length);
    }
}
