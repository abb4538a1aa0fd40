package trefoil.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Windows of one space, and the sorted table of disjoint ranges that they make. Immutable tables, replaced as a whole: looking up takes neither lock
 * nor allocation. Changes are serialized by this object's monitor, in which no other lock is taken.
 */
final class RangeTable {
    /** Disjoint ranges by address, and who answers in each. */
    record Table(long[] starts, long[] ends, Claim[] claims) {
        /** The claim that answers for all of the range, or null. */
        Claim whole(long address, int size) {
            int i = Arrays.binarySearch(starts, address);
            int slot = i >= 0 ? i : -i - 2;
            return slot >= 0 && size <= ends[slot] - address ? claims[slot] : null;
        }

        /** Whether nobody claims any of the range. */
        boolean isEmpty(long address, int size) {
            int i = Arrays.binarySearch(starts, address + size - 1);
            int slot = i >= 0 ? i : -i - 2;
            return slot < 0 || ends[slot] <= address;
        }
    }

    /** A device at a place: immutable, so that a reader sees device and place that belong together. */
    record Claim(Mmio device, long start, long length) {
        long end() {
            return start + length;
        }
    }

    private final long limit;
    private final List<Slot> slots = new ArrayList<>();
    private volatile Table table = table(List.of(), List.of());

    /** @param limit first address behind the space */
    RangeTable(long limit) {
        this.limit = limit;
    }

    /** The table as it is now: an access looks all its pieces up in the same one. */
    Table now() {
        return table;
    }

    synchronized Slot attach(Mmio device, long start, long length) {
        if (length <= 0 || length > limit) {
            throw new IllegalArgumentException("a window of " + length + " bytes");
        }
        Slot slot = new Slot(device, length);
        slots.add(slot);
        slot.move(start);
        return slot;
    }

    /** The table anew: at each address the earliest attached window. */
    private void rebuild() {
        List<Claim> ranges = new ArrayList<>();
        long[] edges = slots.stream()
                .filter(slot -> slot.claim != null)
                .flatMap(slot -> Stream.of(slot.claim.start, slot.claim.end()))
                .mapToLong(Long::longValue)
                .sorted()
                .distinct()
                .toArray();
        List<long[]> bounds = new ArrayList<>();
        for (int i = 0; i + 1 < edges.length; i++) {
            Claim winner = winner(edges[i]);
            if (winner == null) {
                continue;
            }
            int last = ranges.size() - 1;
            if (last >= 0 && ranges.get(last) == winner && bounds.get(last)[1] == edges[i]) {
                bounds.get(last)[1] = edges[i + 1];
            } else {
                ranges.add(winner);
                bounds.add(new long[] {edges[i], edges[i + 1]});
            }
        }
        table = table(ranges, bounds);
    }

    private Claim winner(long address) {
        for (Slot slot : slots) {
            Claim claim = slot.claim;
            if (claim != null && claim.start <= address && address < claim.end()) {
                return claim;
            }
        }
        return null;
    }

    private static Table table(List<Claim> ranges, List<long[]> bounds) {
        return new Table(
                bounds.stream().mapToLong(bound -> bound[0]).toArray(),
                bounds.stream().mapToLong(bound -> bound[1]).toArray(),
                ranges.toArray(Claim[]::new));
    }

    /** One attached window. */
    final class Slot implements Bus.Window {
        private final Mmio device;
        private final long length;
        private Claim claim;

        private Slot(Mmio device, long length) {
            this.device = device;
            this.length = length;
        }

        @Override
        public void move(long start) {
            synchronized (RangeTable.this) {
                claim = start >= 0 && start <= limit - length ? new Claim(device, start, length) : null;
                rebuild();
            }
        }

        @Override
        public void hide() {
            synchronized (RangeTable.this) {
                claim = null;
                rebuild();
            }
        }

        @Override
        public void detach() {
            synchronized (RangeTable.this) {
                claim = null;
                slots.remove(this);
                rebuild();
            }
        }
    }
}
