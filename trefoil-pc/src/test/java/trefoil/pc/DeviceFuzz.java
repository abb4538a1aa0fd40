package trefoil.pc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import trefoil.machine.Mmio;
import trefoil.machine.PortIo;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.fake.ProbeLine;
import trefoil.machine.snapshot.Snapshot;
import trefoil.machine.snapshot.SnapshotException;

/**
 * Programs a device wildly; halfway its state goes through a snapshot into a second one, and from there both must answer alike to all that is done to them.
 */
public final class DeviceFuzz<S extends Record> {
    private final Class<S> type;
    private final Function<ManualClock, Subject<S>> maker;

    /** A device, what can be done to it, each with an answer, and its state. */
    public record Subject<S extends Record>(java.util.function.Supplier<S> state, java.util.function.Consumer<S> restore, List<ToLongFunction<Random>> deeds) {
        public static <S extends Record> Subject<S> of(java.util.function.Supplier<S> state, java.util.function.Consumer<S> restore) {
            return new Subject<>(state, restore, new ArrayList<>());
        }

        public Subject<S> ports(PortIo device, int count) {
            return deed(random -> {
                int size = 1 << random.nextInt(3);
                int offset = random.nextInt(Math.max(1, count - size + 1));
                if (offset + size > count) {
                    return 0;
                }
                if (random.nextBoolean()) {
                    return device.read(offset, size);
                }
                device.write(offset, size, value(random) & (int) (-1L >>> 64 - 8 * size));
                return 0;
            });
        }

        public Subject<S> memory(Mmio device, int length) {
            return deed(random -> {
                int size = 1 << random.nextInt(4);
                long offset = random.nextInt(4) == 0 ? random.nextInt(length - size + 1) : random.nextInt(length / 16) * 16L;
                if (random.nextBoolean()) {
                    return device.read(offset, size);
                }
                device.write(offset, size, (random.nextBoolean() ? random.nextLong() : value(random)) & -1L >>> 64 - 8 * size);
                return 0;
            });
        }

        public Subject<S> deed(ToLongFunction<Random> deed) {
            deeds.add(deed);
            return this;
        }

        public Subject<S> watch(LongSupplier seen) {
            return deed(random -> seen.getAsLong());
        }

        public Subject<S> watch(ProbeLine line) {
            return watch(() -> line.isHigh() ? 1 : 0);
        }

        public Subject<S> line(trefoil.machine.InterruptLine line) {
            return deed(random -> {
                if (random.nextBoolean()) {
                    line.raise();
                } else {
                    line.lower();
                }
                return 0;
            });
        }
    }

    public DeviceFuzz(Class<S> type, Function<ManualClock, Subject<S>> maker) {
        this.type = type;
        this.maker = maker;
    }

    private static int value(Random random) {
        return random.nextBoolean() ? random.nextInt() : random.nextInt(256);
    }

    private static long delta(Random random) {
        return random.nextLong(1L << 1 + random.nextInt(29));
    }

    public void run(int seeds, int steps) throws SnapshotException {
        for (int seed = 0; seed < seeds; seed++) {
            run(new Random(seed), seed, steps);
        }
    }

    private void run(Random random, int seed, int steps) throws SnapshotException {
        ManualClock clock = new ManualClock(1_700_000_000_000_000_000L);
        Subject<S> first = maker.apply(clock);
        for (int i = 0; i < steps; i++) {
            if (random.nextInt(10) == 0) {
                clock.advance(delta(random));
            } else {
                first.deeds.get(random.nextInt(first.deeds.size())).applyAsLong(random);
            }
        }
        ManualClock other = new ManualClock(1_700_000_000_000_000_000L);
        other.advance(clock.nanos());
        Subject<S> second = maker.apply(other);
        byte[] saved = bytes(first);
        second.restore.accept(Snapshot.parse(saved).get("device", type));
        first.deeds.forEach(deed -> deed.applyAsLong(new Random(0)));
        second.deeds.forEach(deed -> deed.applyAsLong(new Random(0)));
        for (int i = 0; i < steps; i++) {
            long choice = random.nextLong();
            int deed = (int) Math.floorMod(choice, (long) first.deeds.size());
            Random once = new Random(choice);
            Random twice = new Random(choice);
            twice.nextInt(10);
            if (once.nextInt(10) == 0) {
                long delta = delta(once);
                clock.advance(delta);
                other.advance(delta);
            } else {
                assertThat(second.deeds.get(deed).applyAsLong(twice)).as("seed %d step %d deed %d", seed, i, deed).isEqualTo(first.deeds.get(deed).applyAsLong(once));
            }
        }
        assertThat(bytes(second)).as("seed %d", seed).isEqualTo(bytes(first));
    }

    private byte[] bytes(Subject<S> subject) {
        Snapshot snapshot = new Snapshot();
        snapshot.put("device", subject.state.get());
        return snapshot.toBytes();
    }
}
