package trefoil.pci;

import java.util.Comparator;
import java.util.List;

/**
 * What firmware does before a kernel starts, for boots without any: gives each base address a place, largest first, switches decoding on, and writes the interrupt line that goes with a pin.
 */
public final class ResourceAssignment {
    /** A part of a space that is free for base addresses. */
    public static final class Range {
        private final long end;
        private long next;

        public Range(long start, long length) {
            this.next = start;
            this.end = start + length;
        }

        /** A naturally aligned place; -1 if there is none left. */
        private long take(long size) {
            long start = next + size - 1 & -size;
            if (start < next || size > end - start) {
                return -1;
            }
            next = start + size;
            return start;
        }
    }

    private record Wish(Bar bar, ConfigSpace config) {}

    private final Range ports;
    private final Range memory32;
    private final Range memory64;

    public ResourceAssignment(Range ports, Range memory32, Range memory64) {
        this.ports = ports;
        this.memory32 = memory32;
        this.memory64 = memory64;
    }

    /** @throws IllegalArgumentException when the board has more devices than room: its builder's mistake */
    public void assign(PciRoot root, LpcBridge lpc) {
        List<PciRoot.Seat> seats = root.seats();
        seats.stream()
                .flatMap(seat -> seat.config().bars().stream().map(bar -> new Wish(bar, seat.config())))
                .sorted(Comparator.comparingLong((Wish wish) -> wish.bar.size()).reversed())
                .forEach(this::place);
        for (PciRoot.Seat seat : seats) {
            enable(seat, lpc);
        }
    }

    private void place(Wish wish) {
        Bar bar = wish.bar;
        boolean high = bar.kind() == Bar.Kind.PREFETCHABLE_64;
        long address = (bar.kind() == Bar.Kind.IO ? ports : high ? memory64 : memory32).take(bar.size());
        if (address < 0 && high) {
            address = memory32.take(bar.size());
        }
        if (address < 0) {
            throw new IllegalArgumentException("no room for a base address of " + bar.size() + " bytes, " + bar.kind());
        }
        bar.place(address);
    }

    private static void enable(PciRoot.Seat seat, LpcBridge lpc) {
        ConfigSpace config = seat.config();
        int command = config.read(ConfigSpace.COMMAND, 2);
        for (Bar bar : config.bars()) {
            command |= bar.kind() == Bar.Kind.IO ? ConfigSpace.COMMAND_IO : ConfigSpace.COMMAND_MEMORY;
        }
        config.write(ConfigSpace.COMMAND, 2, command);
        if (config.interruptPin() != 0) {
            int irq = lpc.irq(PirqRouter.pirq(seat.slot(), config.interruptPin()));
            config.write(ConfigSpace.INTERRUPT_LINE, 1, irq < 0 ? 0xFF : irq);
        }
    }
}
