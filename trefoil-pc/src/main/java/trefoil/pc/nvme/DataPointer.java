package trefoil.pc.nvme;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;

/**
 * Where a command's data lies: what PRP1 and PRP2 name (NVMe 1.4, 4.3), with pages of 4 KiB. PRP1 may begin anywhere in a page, at a multiple of 4; PRP2 is the second and last page, or a list of pages, whose last
 * entry leads to more of the list if it does not end there. Walking ends with the length, so that a list that leads to itself is no loop.
 */
final class DataPointer {
    static final int PAGE = 4096;

    private record Piece(long address, int length) {}

    private final GuestMemory memory;
    private final List<Piece> pieces = new ArrayList<>();
    private long left;

    private DataPointer(GuestMemory memory, long length) {
        this.memory = memory;
        this.left = length;
    }

    /** @param length bytes, at least 1, already checked against the greatest transfer */
    static DataPointer of(GuestMemory memory, Command command, long length) throws CommandFault {
        DataPointer pointer = new DataPointer(memory, length);
        try {
            pointer.walk(command.prp1(), command.prp2());
        } catch (GuestMemoryFault e) {
            throw new CommandFault(Status.DATA_TRANSFER_ERROR);
        }
        return pointer;
    }

    private void walk(long prp1, long prp2) throws CommandFault, GuestMemoryFault {
        CommandFault.unless((prp1 & 3) == 0, Status.PRP_OFFSET_INVALID);
        add(prp1, PAGE - (prp1 & PAGE - 1));
        if (left > PAGE) {
            CommandFault.unless((prp2 & 7) == 0, Status.PRP_OFFSET_INVALID);
            walkList(prp2);
        } else if (left > 0) {
            addPage(prp2);
        }
    }

    private void walkList(long list) throws CommandFault, GuestMemoryFault {
        long at = list;
        while (left > 0) {
            long entry = memory.getLong(at);
            boolean last = (at & PAGE - 1) == PAGE - 8;
            if (last && left > PAGE) {
                CommandFault.unless((entry & PAGE - 1) == 0, Status.PRP_OFFSET_INVALID);
                at = entry;
            } else {
                addPage(entry);
                at += 8;
            }
        }
    }

    private void addPage(long address) throws CommandFault {
        CommandFault.unless((address & PAGE - 1) == 0, Status.PRP_OFFSET_INVALID);
        add(address, PAGE);
    }

    private void add(long address, long room) {
        int length = (int) Math.min(room, left);
        left -= length;
        Piece before = pieces.isEmpty() ? null : pieces.getLast();
        if (before != null && before.address + before.length == address) {
            pieces.set(pieces.size() - 1, new Piece(before.address, before.length + length));
        } else {
            pieces.add(new Piece(address, length));
        }
    }

    /** The memory, to be read. */
    List<MemorySegment> readable() throws CommandFault {
        List<MemorySegment> segments = new ArrayList<>(pieces.size());
        try {
            for (Piece piece : pieces) {
                memory.readable(piece.address, piece.length, segments);
            }
        } catch (GuestMemoryFault e) {
            throw new CommandFault(Status.DATA_TRANSFER_ERROR);
        }
        return segments;
    }

    /** The memory, to be written; {@link #written} is to be called then. */
    List<MemorySegment> writable() throws CommandFault {
        List<MemorySegment> segments = new ArrayList<>(pieces.size());
        try {
            for (Piece piece : pieces) {
                memory.writable(piece.address, piece.length, segments);
            }
        } catch (GuestMemoryFault e) {
            throw new CommandFault(Status.DATA_TRANSFER_ERROR);
        }
        return segments;
    }

    void written() {
        pieces.forEach(piece -> memory.written(piece.address, piece.length));
    }

    /** Copies bytes to the guest: as many as there is data for. */
    void store(byte[] bytes) throws CommandFault {
        int at = 0;
        for (MemorySegment segment : writable()) {
            int length = (int) segment.byteSize();
            MemorySegment.copy(MemorySegment.ofArray(bytes), at, segment, 0, length);
            at += length;
        }
        written();
    }

    /** Copies bytes from the guest. */
    byte[] load() throws CommandFault {
        List<MemorySegment> segments = readable();
        byte[] bytes = new byte[(int) segments.stream().mapToLong(MemorySegment::byteSize).sum()];
        int at = 0;
        for (MemorySegment segment : segments) {
            MemorySegment.copy(segment, 0, MemorySegment.ofArray(bytes), at, segment.byteSize());
            at += (int) segment.byteSize();
        }
        return bytes;
    }
}
