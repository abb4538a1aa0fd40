package trefoil.virtio.block;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;
import trefoil.virtio.device.QueueDevice;
import trefoil.virtio.queue.Chain;
import trefoil.virtio.queue.QueueFault;

/**
 * A disk (virtio 1.2, 5.2). Remembers nothing between two requests, so that its state is the transport's.
 *
 * <p>A driver that has not negotiated VIRTIO_BLK_F_FLUSH gets write-through: each write is made durable before it is done (5.2.6.2). Requests that do not lie on logical blocks fail with VIRTIO_BLK_S_IOERR.
 */
public final class VirtioBlock extends QueueDevice {
    public static final long F_SEG_MAX = 1L << 2;
    public static final long F_RO = 1L << 5;
    public static final long F_BLK_SIZE = 1L << 6;
    public static final long F_FLUSH = 1L << 9;
    public static final long F_DISCARD = 1L << 13;
    public static final long F_WRITE_ZEROES = 1L << 14;

    static final int IN = 0;
    static final int OUT = 1;
    static final int FLUSH = 4;
    static final int GET_ID = 8;
    static final int DISCARD = 11;
    static final int WRITE_ZEROES = 13;

    static final int OK = 0;
    static final int IOERR = 1;
    static final int UNSUPP = 2;

    private static final int QUEUE_SIZE = 256;
    private static final int SECTOR = 512;
    private static final int HEADER = 16;
    private static final int ID_LENGTH = 20;
    private static final int CONFIGURATION = 60;
    private static final int SEGMENT = 16;
    private static final int SEGMENTS = 16;
    /** 1 GiB at once. */
    private static final int SEGMENT_SECTORS = 1 << 21;
    private static final int UNMAP = 1;

    private final BlockBackend backend;
    private final byte[] serial;

    /** @param serial what GET_ID answers: up to 20 bytes of ASCII */
    public VirtioBlock(BlockBackend backend, String serial) {
        this.backend = backend;
        this.serial = java.util.Arrays.copyOf(serial.getBytes(StandardCharsets.US_ASCII), ID_LENGTH);
    }

    @Override
    public int id() {
        return 2;
    }

    @Override
    public long features() {
        long features = F_SEG_MAX | F_BLK_SIZE | F_FLUSH;
        return features | (backend.isReadOnly() ? F_RO : F_DISCARD | F_WRITE_ZEROES);
    }

    @Override
    public List<Integer> queueSizes() {
        return List.of(QUEUE_SIZE);
    }

    /** 5.2.4. */
    @Override
    public byte[] configuration() {
        ByteBuffer fields = ByteBuffer.allocate(CONFIGURATION).order(ByteOrder.LITTLE_ENDIAN);
        fields.putLong(0, backend.size() / SECTOR).putInt(12, QUEUE_SIZE - 2).putInt(20, backend.blockSize()).putShort(34, (short) 1);
        if (!backend.isReadOnly()) {
            fields.putInt(36, SEGMENT_SECTORS).putInt(40, SEGMENTS).putInt(44, backend.blockSize() / SECTOR);
            fields.putInt(48, SEGMENT_SECTORS).putInt(52, SEGMENTS).put(56, (byte) 1);
        }
        return fields.array();
    }

    /** The disk has another size now. */
    public void resized() {
        configurationChanged();
    }

    @Override
    protected boolean serve(int queue) throws QueueFault {
        Chain chain = queue(queue).poll();
        if (chain == null) {
            return false;
        }
        if (chain.writableLength() < 1) {
            throw new QueueFault("no room for a status");
        }
        byte[] header = new byte[HEADER];
        boolean whole = chain.read(0, header) == HEADER;
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int type = fields.getInt(0);
        int status = whole ? execute(type, fields.getLong(8), chain) : IOERR;
        long last = chain.writableLength() - 1;
        chain.write(last, new byte[] {(byte) status});
        push(queue, chain, status == OK ? last + 1 : 1);
        return true;
    }

    private int execute(int type, long sector, Chain chain) {
        return switch (type) {
            case IN -> in(sector, chain);
            case OUT -> out(sector, chain);
            case FLUSH -> status(backend.flush());
            case GET_ID -> identify(chain);
            case DISCARD, WRITE_ZEROES -> ranges(type, chain);
            default -> UNSUPP;
        };
    }

    private static int status(IoStatus status) {
        return switch (status) {
            case OK -> OK;
            case UNSUPPORTED -> UNSUPP;
            case IO_ERROR, NO_SPACE, READ_ONLY, OUT_OF_RANGE -> IOERR;
        };
    }

    private boolean isOnDisk(long sector, long length) {
        long block = backend.blockSize();
        boolean inside = sector >= 0 && sector <= backend.size() / SECTOR && length <= backend.size() - sector * SECTOR;
        return inside && sector * SECTOR % block == 0 && length % block == 0;
    }

    private int in(long sector, Chain chain) {
        long length = chain.writableLength() - 1;
        return isOnDisk(sector, length) ? status(backend.read(sector * SECTOR, chain.writable(0, length))) : IOERR;
    }

    private int out(long sector, Chain chain) {
        long length = chain.readableLength() - HEADER;
        if (backend.isReadOnly() || !isOnDisk(sector, length)) {
            return IOERR;
        }
        return durable(backend.write(sector * SECTOR, chain.readable(HEADER, length)));
    }

    private int durable(IoStatus status) {
        return status(status == IoStatus.OK && !has(F_FLUSH) ? backend.flush() : status);
    }

    private int identify(Chain chain) {
        long room = Math.min(ID_LENGTH, chain.writableLength() - 1);
        chain.write(0, java.util.Arrays.copyOf(serial, (int) room));
        return OK;
    }

    // ---- discard and write zeroes: ranges of sectors (5.2.6) ----

    private int ranges(int type, Chain chain) {
        if (!has(type == DISCARD ? F_DISCARD : F_WRITE_ZEROES)) {
            return UNSUPP;
        }
        long length = chain.readableLength() - HEADER;
        if (backend.isReadOnly() || length <= 0 || length % SEGMENT != 0 || length / SEGMENT > SEGMENTS) {
            return IOERR;
        }
        byte[] bytes = new byte[(int) length];
        chain.read(HEADER, bytes);
        ByteBuffer segments = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int status = check(type, segments);
        for (int at = 0; at < length && status == OK; at += SEGMENT) {
            status = range(type, segments.getLong(at), segments.getInt(at + 8), segments.getInt(at + 12));
        }
        return status;
    }

    /** All segments are looked at before the first is done. */
    private int check(int type, ByteBuffer segments) {
        int allowed = type == DISCARD ? 0 : UNMAP;
        for (int at = 0; at < segments.capacity(); at += SEGMENT) {
            if ((segments.getInt(at + 12) & ~allowed) != 0) {
                return UNSUPP;
            }
            int sectors = segments.getInt(at + 8);
            if (sectors < 0 || sectors > SEGMENT_SECTORS || !isOnDisk(segments.getLong(at), (long) sectors * SECTOR)) {
                return IOERR;
            }
        }
        return OK;
    }

    private int range(int type, long sector, int sectors, int flags) {
        long offset = sector * SECTOR;
        long length = (long) sectors * SECTOR;
        if (type == WRITE_ZEROES) {
            return durable(backend.writeZeroes(offset, length, (flags & UNMAP) != 0 ? BlockBackend.Zeroing.RELEASE : BlockBackend.Zeroing.KEEP));
        }
        IoStatus status = backend.discard(offset, length);
        return status == IoStatus.UNSUPPORTED ? OK : durable(status);
    }

    @Override
    public void close() {
        super.close();
        backend.close();
    }
}
