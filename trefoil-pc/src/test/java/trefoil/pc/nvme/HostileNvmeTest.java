package trefoil.pc.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.pc.nvme.Driver.DATA;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.machine.snapshot.Snapshot;
import trefoil.machine.snapshot.SnapshotException;
import trefoil.pc.nvme.Driver.Answer;

/** Drivers that do wrong, by mistake or at random, and drivers that are moved to another controller on the way. */
class HostileNvmeTest {
    private static final int READ = 2;
    private static final long NOWHERE = 0x7000_0000_0000L;

    @ParameterizedTest
    @CsvSource({
        "2, 0, 1, 1048578, 0, 0x013, offset within PRP1",
        "2, 0, 16, 1048576, 1053184, 0x013, offset within PRP2",
        "2, 0, 64, 1048576, 1053188, 0x013, offset within the list",
        "2, 0, 64, 1048576, 123145302310912, 0x004, list in no memory",
        "2, 0, 1, 123145302310912, 0, 0x004, data in no memory",
        "2, 0, 16, 4190208, 4194304, 0x004, second page behind memory",
        "2, 0, 1, -4096, 0, 0x004, data at the end of all addresses",
        "2, 0, 1025, 1048576, 0, 0x002, more than the greatest transfer",
        "2, 0, 65536, 1048576, 0, 0x002, much more",
        "2, 4096, 1, 1048576, 0, 0x080, behind the disk",
        "2, 4095, 2, 1048576, 0, 0x080, over the disk's end",
        "1, -1, 1, 1048576, 0, 0x080, at the last of all blocks",
        "2, 9223372036854775807, 1, 1048576, 0, 0x080, block that is no offset",
        "8, 1, 65536, 0, 0, 0x080, zeroes over the end",
        "12, 1, 65536, 0, 0, 0x080, verify over the end",
        "4, 0, 1, 1048576, 0, 0x001, an operation that is not offered"
    })
    void badCommandsAreStatuses(int opcode, long block, int blocks, long prp1, long prp2, int code, String what) {
        Driver driver = Driver.ready();
        Answer answer = driver.io(opcode, block, blocks, prp1, prp2, 0);
        assertThat(answer.code()).as(what).isEqualTo(code);
        assertThat(answer.status() & 0x4000).isNotZero();
        assertThat(driver.disk.deeds).isEmpty();
        assertThat(driver.io(READ, 0, 1, DATA, 0, 0).status()).isZero();
    }

    @Test
    void listsThatLeadToThemselvesEnd() {
        Driver driver = Driver.ready();
        for (int i = 0; i < 512; i++) {
            driver.putLongs(Driver.LIST + 8L * i, Driver.LIST);
        }
        assertThat(driver.io(READ, 0, 1024, DATA, Driver.LIST + 4088, 0).status()).isZero();
    }

    @Test
    void badFlagsAndNamespaces() {
        Driver driver = Driver.ready();
        assertThat(driver.execute(1, driver.entry(READ, 1, DATA, 0, 0, 0, 0).put(1, (byte) 0x40).array()).code()).isEqualTo(2);
        assertThat(driver.execute(1, driver.entry(READ, 1, DATA, 0, 0, 0, 0).put(1, (byte) 1).array()).code()).isEqualTo(2);
        assertThat(driver.execute(1, driver.entry(READ, 2, DATA, 0, 0, 0, 0).array()).code()).isEqualTo(0x0B);
        assertThat(driver.execute(1, driver.entry(READ, -1, DATA, 0, 0, 0, 0).array()).code()).isEqualTo(0x0B);
        assertThat(driver.admin(0x18, 0, 0, 0, 0).code()).isEqualTo(1);
    }

    @Test
    void badQueuesAreNotMade() {
        Driver driver = Driver.ready();
        long base = Driver.completions(2);
        assertThat(driver.createCompletion(0, 8, base, 1).code()).isEqualTo(0x101);
        assertThat(driver.createCompletion(1, 8, base, 1).code()).isEqualTo(0x101);
        assertThat(driver.createCompletion(17, 8, base, 1).code()).isEqualTo(0x101);
        assertThat(driver.createCompletion(2, 1, base, 1).code()).isEqualTo(0x102);
        assertThat(driver.createCompletion(2, 1025, base, 1).code()).isEqualTo(0x102);
        assertThat(driver.createCompletion(2, 8, base, 0).code()).isEqualTo(2);
        assertThat(driver.createCompletion(2, 8, base + 16, 1).code()).isEqualTo(0x13);
        assertThat(driver.createCompletion(2, 8, NOWHERE, 1).code()).isEqualTo(4);
        assertThat(driver.createCompletion(2, 1024, Driver.RAM - 4096, 1).code()).isEqualTo(4);
        assertThat(driver.createCompletion(2, 8, base, 1 << 16 | 1).code()).isEqualTo(0x108);
        assertThat(driver.createSubmission(2, 8, base, 3 << 16 | 1).code()).isEqualTo(0x100);
        assertThat(driver.createSubmission(2, 8, base, 1).code()).isEqualTo(0x101);
        assertThat(driver.admin(0x00, 0, 0, 0, 0).code()).isEqualTo(0x101);
        assertThat(driver.admin(0x04, 0, 0, 0, 0).code()).isEqualTo(0x101);
        driver.set(0x14, 0x0001);
        assertThat(driver.createCompletion(2, 8, base, 1).code()).isEqualTo(0x102);
    }

    @Test
    void badFeaturesAndLogs() {
        Driver driver = Driver.ready();
        assertThat(driver.admin(0x09, 0, 0, 1 << 31 | 6, 0).code()).isEqualTo(0x10D);
        assertThat(driver.admin(0x09, 0, 0, 0x0F, 0).code()).isEqualTo(2);
        assertThat(driver.admin(0x09, 0, 0, 2, 1).code()).isEqualTo(2);
        assertThat(driver.admin(0x09, 9, 0, 5, 1).code()).isEqualTo(0x0B);
        assertThat(driver.admin(0x09, 0, 0, 9, 17).code()).isEqualTo(2);
        assertThat(driver.admin(0x09, 0, 0, 9, 0x1_0003).status()).isZero();
        assertThat(driver.admin(0x0A, 0, 0, 9, 3).result()).isEqualTo(0x1_0003);
        assertThat(driver.admin(0x09, 0, 0, 4, 1 << 16).code()).isEqualTo(2);
        assertThat(driver.admin(0x09, 0, 0, 4, 1 << 20 | 280).status()).isZero();
        assertThat(driver.admin(0x0A, 0, 0, 4, 1 << 20).result()).isEqualTo(280);
        driver.disable().enable();
        assertThat(driver.admin(0x09, 0, 0, 7, 0xFFFF).code()).isEqualTo(2);
        assertThat(driver.admin(0x02, -1, DATA, 0x7F, 0).code()).isEqualTo(0x109);
        assertThat(driver.admin(0x02, 1, DATA, 2, 0).code()).isEqualTo(2);
        assertThat(driver.admin(0x02, -1, DATA, 0xFFFF_0002, 0xFFFF).code()).isEqualTo(2);
        assertThat(driver.execute(0, driver.entry(2, -1, DATA, 0, 2, 0, 513 * 4).array()).code()).isEqualTo(2);
        assertThat(driver.execute(0, driver.entry(2, -1, DATA, 0, 2, 0, 512).array()).status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0046_0081, 0x0046_0801, 0x0046_0011})
    void badConfigurationsAreFatalUntilTheyAreTakenBack(int configuration) {
        Driver driver = new Driver().plug().enable().disable();
        driver.set(0x14, configuration);
        assertThat(driver.status()).isEqualTo(2);
        driver.set(0x1000, 3);
        driver.disable().enable();
        assertThat(driver.status()).isEqualTo(1);
    }

    @Test
    void administrativeQueuesMustBeInMemory() {
        Driver driver = new Driver().plug().enable().disable();
        driver.bus.write(Driver.BAR + 0x30, 8, NOWHERE);
        driver.set(0x14, 0x0046_0001);
        assertThat(driver.status()).isEqualTo(2);
        driver.disable();
        driver.bus.write(Driver.BAR + 0x30, 8, Driver.completions(0));
        driver.set(0x24, 7);
        driver.set(0x14, 0x0046_0001);
        assertThat(driver.status()).isEqualTo(2);
    }

    @Test
    void memoryThatGoesAwayIsFatal() {
        Driver driver = Driver.ready();
        var regions = driver.memory.regions();
        driver.memory.remap(List.of());
        driver.set(0x1000 + 8, 1);
        Driver.await(() -> driver.status() == 3);
        driver.memory.remap(regions);
        driver.disable().enable().pair(1);
        assertThat(driver.io(READ, 0, 1, DATA, 0, 0).status()).isZero();
    }

    // ---- noise ----

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void noiseInRegistersAndQueuesIsSurvived(int seed) {
        Driver driver = new Driver();
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            driver.plug().disable().enable().pair(1).pair(2);
            for (int n = 0; n < 200; n++) {
                noise(driver, random);
            }
        }
        driver.disable().enable().pair(1);
        assertThat(driver.io(READ, 0, 1, DATA, 0, 0).status()).isZero();
        driver.controller.close();
    }

    private static void noise(Driver driver, Random random) {
        switch (random.nextInt(8)) {
            case 0 -> driver.bus.write(Driver.BAR + random.nextInt(0x1100), 1 << random.nextInt(4), random.nextLong() & 0xFF);
            case 1 -> driver.bus.read(Driver.BAR + random.nextInt(0x1100), 1 << random.nextInt(4));
            case 2 -> driver.bus.write(Driver.BAR + 4L * random.nextInt(0x10), 4, random.nextInt() & 0xFFFF_FFFFL);
            case 3 -> driver.set(0x1000 + 4 * random.nextInt(40), random.nextInt(12));
            default -> command(driver, random);
        }
    }

    private static void command(Driver driver, Random random) {
        int queue = random.nextInt(3);
        driver.submit(queue, entry(driver, random, random.nextInt(random.nextInt(8) == 0 ? 256 : 13)));
        for (int n = 0; n < 2; n++) {
            driver.heads[queue] = (driver.heads[queue] + 1) % Driver.ENTRIES;
            driver.set(0x1004 + 8 * queue, driver.heads[queue]);
        }
    }

    private static byte[] entry(Driver driver, Random random, int opcode) {
        ByteBuffer entry = driver.entry(opcode, random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(3), address(random), address(random),
                random.nextInt(random.nextBoolean() ? 32 : 0x9_0020), random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(random.nextInt(3) + 1), random.nextInt(random.nextBoolean() ? 16 : 2048));
        return random.nextInt(10) == 0 ? entry.put(random.nextInt(60) + 4, (byte) random.nextInt()).array() : entry.array();
    }

    /** Whatever a command says, it has one answer; queues that are deleted and requests for events apart. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void eachCommandHasItsAnswer(int seed) {
        Driver driver = Driver.ready();
        Random random = new Random(seed);
        List<Integer> administrative = List.of(1, 2, 5, 6, 8, 9, 10, 13, 255);
        Set<Integer> codes = new HashSet<>();
        for (int n = 0; n < 3000; n++) {
            int queue = random.nextInt(4) == 0 ? 0 : 1;
            if (random.nextBoolean()) {
                driver.putLongs(address(random) & 0x3F_FFFF | DATA, address(random), address(random), address(random), address(random));
            }
            Answer answer = driver.execute(queue, entry(driver, random, queue == 0 ? administrative.get(random.nextInt(administrative.size())) : random.nextInt(random.nextInt(8) == 0 ? 256 : 13)));
            codes.add(answer.code());
        }
        assertThat(codes).contains(0, 1, 2, 4, 0x0B, 0x13, 0x80, 0x101, 0x102, 0x109);
        assertThat(driver.status()).isEqualTo(1);
        assertThat(driver.disk.deeds).contains("read", "write", "flush", "zero KEEP");
    }

    private static long address(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> DATA + random.nextInt(0x10000);
            case 2 -> random.nextInt(3) == 0 ? NOWHERE : DATA;
            default -> DATA + 4096L * random.nextInt(700);
        };
    }

    // ---- elsewhere ----

    @Test
    void aSnapshotGoesOnElsewhere() throws SnapshotException, InterruptedException {
        Driver driver = Driver.ready();
        driver.admin(0x09, 0, 0, 6, 0);
        driver.set(0x1000 + 8 * 9, 1);
        driver.submit(0, driver.entry(0x0C, 0, 0, 0, 0, 0, 0).array());
        assertThat(driver.take(0).result()).isEqualTo(0x01_0000);
        int held = driver.submit(0, driver.entry(0x0C, 0, 0, 0, 0, 0, 0).array());
        for (int i = 0; i < 13; i++) {
            driver.io(READ, i, 1, DATA, 0, 0);
        }
        driver.controller.pause();
        int waiting = driver.submit(1, driver.entry(1, 1, DATA, 0, 7, 0, 0).array());
        NvmeState state = driver.controller.state();
        Snapshot snapshot = new Snapshot();
        snapshot.put("nvme", state);
        Driver other = new Driver(new RamDisk(), driver.memory).like(driver);
        other.controller.pause();
        other.controller.restore(Snapshot.parse(snapshot.toBytes()).get("nvme", NvmeState.class));
        assertThat(other.controller.state()).usingRecursiveComparison().isEqualTo(state);
        other.controller.resume();
        assertThat(other.take(1).command()).isEqualTo(waiting);
        assertThat(other.disk.deeds).containsExactly("write", "flush");
        other.log(1, 64, 0);
        other.set(0x1000 + 8, 99);
        assertThat(other.take(0).command()).isEqualTo(held);
        assertThat(driver.disk.deeds).doesNotContain("write");
    }

    @Test
    void aResetThatWasWaitedForIsDoneElsewhere() throws InterruptedException {
        Driver driver = Driver.ready();
        driver.disk.gate = new CountDownLatch(1);
        driver.submit(1, driver.entry(READ, 1, DATA, 0, 0, 0, 0).array());
        driver.disk.reached.await();
        driver.set(0x14, 0);
        NvmeState state = driver.controller.state();
        assertThat(state.registers().status()).isEqualTo(1);
        Driver other = new Driver(new RamDisk(), driver.memory);
        other.controller.pause();
        other.controller.restore(state);
        Driver.await(() -> other.status() == 0);
        assertThat(other.controller.state().submissions()).isEmpty();
        driver.disk.gate.countDown();
        driver.controller.close();
    }
}
