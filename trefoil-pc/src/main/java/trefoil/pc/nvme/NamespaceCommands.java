package trefoil.pc.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import trefoil.machine.BlockBackend;
import trefoil.machine.GuestMemory;
import trefoil.machine.IoStatus;

/** Commands for input and output (NVMe 1.4, chapter 6): namespace 1 is the backend, in its logical blocks. Used in the worker's turn. While the write cache is off, each write is made durable before it is done. */
final class NamespaceCommands {
    private static final int FLUSH = 0x00;
    private static final int WRITE = 0x01;
    private static final int READ = 0x02;
    private static final int COMPARE = 0x05;
    private static final int WRITE_ZEROES = 0x08;
    private static final int DATASET_MANAGEMENT = 0x09;
    private static final int VERIFY = 0x0C;

    private static final int FORCE_UNIT_ACCESS = 1 << 30;
    private static final int DEALLOCATE_ZEROED = 1 << 25;
    private static final int DEALLOCATE = 1 << 2;
    private static final int RANGE = 16;
    /** Bytes that Compare and Verify hold at once. */
    private static final int CHUNK = 1 << 16;

    private final GuestMemory memory;
    private final BlockBackend backend;
    private final Features features;
    private final HealthLog log;

    NamespaceCommands(GuestMemory memory, BlockBackend backend, Features features, HealthLog log) {
        this.memory = memory;
        this.backend = backend;
        this.features = features;
        this.log = log;
    }

    void execute(Command command) throws CommandFault {
        command.checkFlags();
        boolean all = command.opcode() == FLUSH && command.namespace() == Command.ALL_NAMESPACES;
        CommandFault.unless(command.namespace() == 1 || all, Status.INVALID_NAMESPACE);
        switch (command.opcode()) {
            case FLUSH -> Status.check(backend.flush(), false);
            case WRITE -> write(command);
            case READ -> read(command);
            case COMPARE -> compare(command);
            case WRITE_ZEROES -> writeZeroes(command);
            case DATASET_MANAGEMENT -> manage(command);
            case VERIFY -> verify(command);
            default -> throw new CommandFault(Status.INVALID_OPCODE);
        }
    }

    // ---- ranges ----

    private static int blocks(Command command) {
        return (command.dw12() & 0xFFFF) + 1;
    }

    private long length(Command command) {
        return (long) blocks(command) * backend.blockSize();
    }

    /** Bytes to be transferred, not more than MDTS allows. */
    private long transfer(Command command) throws CommandFault {
        CommandFault.unless(length(command) <= Identity.MOST_DATA, Status.INVALID_FIELD);
        return length(command);
    }

    private long offset(long block, long blocks) throws CommandFault {
        long all = backend.size() / backend.blockSize();
        CommandFault.unless(block >= 0 && blocks <= all && block <= all - blocks, Status.LBA_OUT_OF_RANGE);
        return block * backend.blockSize();
    }

    private long offset(Command command) throws CommandFault {
        return offset(command.block(), blocks(command));
    }

    private static boolean isForced(Command command) {
        return (command.dw12() & FORCE_UNIT_ACCESS) != 0;
    }

    private void checkWritable() throws CommandFault {
        CommandFault.unless(!backend.isReadOnly(), Status.WRITE_PROTECTED);
    }

    private void settle(boolean forced) throws CommandFault {
        if (forced || !features.isWriteCached()) {
            Status.check(backend.flush(), false);
        }
    }

    // ---- reading and writing (6.6 to 6.16) ----

    private void read(Command command) throws CommandFault {
        long length = transfer(command);
        long offset = offset(command);
        DataPointer data = DataPointer.of(memory, command, length);
        List<MemorySegment> into = data.writable();
        if (isForced(command) && !backend.isReadOnly()) {
            Status.check(backend.flush(), true);
        }
        IoStatus status = backend.read(offset, into);
        data.written();
        Status.check(status, true);
        log.read(length);
    }

    private void write(Command command) throws CommandFault {
        checkWritable();
        long length = transfer(command);
        long offset = offset(command);
        List<MemorySegment> from = DataPointer.of(memory, command, length).readable();
        Status.check(backend.write(offset, from), false);
        settle(isForced(command));
        log.wrote(length);
    }

    private void writeZeroes(Command command) throws CommandFault {
        checkWritable();
        boolean release = (command.dw12() & DEALLOCATE_ZEROED) != 0;
        Status.check(backend.writeZeroes(offset(command), length(command), release ? BlockBackend.Zeroing.RELEASE : BlockBackend.Zeroing.KEEP), false);
        settle(isForced(command));
    }

    private void compare(Command command) throws CommandFault {
        long length = transfer(command);
        long offset = offset(command);
        List<MemorySegment> guest = DataPointer.of(memory, command, length).readable();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment disk = arena.allocate(Math.min(CHUNK, length), DataPointer.PAGE);
            for (MemorySegment segment : guest) {
                compare(offset, segment, disk);
                offset += segment.byteSize();
            }
        }
        log.read(length);
    }

    private void compare(long offset, MemorySegment guest, MemorySegment disk) throws CommandFault {
        for (long done = 0; done < guest.byteSize(); ) {
            MemorySegment chunk = disk.asSlice(0, Math.min(disk.byteSize(), guest.byteSize() - done));
            Status.check(backend.read(offset + done, chunk), true);
            CommandFault.unless(chunk.mismatch(guest.asSlice(done, chunk.byteSize())) < 0, Status.COMPARE_FAILURE);
            done += chunk.byteSize();
        }
    }

    /** Reads and looks at nothing but the status. */
    private void verify(Command command) throws CommandFault {
        long offset = offset(command);
        long length = length(command);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.min(CHUNK, length), DataPointer.PAGE);
            for (long done = 0; done < length; ) {
                MemorySegment chunk = buffer.asSlice(0, Math.min(buffer.byteSize(), length - done));
                Status.check(backend.read(offset + done, chunk), true);
                done += chunk.byteSize();
            }
        }
    }

    // ---- dataset management (6.7): ranges to be deallocated, all looked at before the first is ----

    private void manage(Command command) throws CommandFault {
        checkWritable();
        int ranges = (command.dw10() & 0xFF) + 1;
        ByteBuffer list = ByteBuffer.wrap(DataPointer.of(memory, command, (long) ranges * RANGE).load()).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < list.capacity(); at += RANGE) {
            offset(list.getLong(at + 8), list.getInt(at + 4) & 0xFFFF_FFFFL);
        }
        if ((command.dw11() & DEALLOCATE) != 0) {
            deallocate(list);
        }
    }

    private void deallocate(ByteBuffer list) throws CommandFault {
        for (int at = 0; at < list.capacity(); at += RANGE) {
            long length = (list.getInt(at + 4) & 0xFFFF_FFFFL) * backend.blockSize();
            IoStatus status = length == 0 ? IoStatus.OK : backend.discard(list.getLong(at + 8) * backend.blockSize(), length);
            if (status != IoStatus.UNSUPPORTED) {
                Status.check(status, false);
            }
        }
        settle(false);
    }
}
