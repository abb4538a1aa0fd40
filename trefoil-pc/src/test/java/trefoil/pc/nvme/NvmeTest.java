package trefoil.pc.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static trefoil.pc.nvme.Driver.DATA;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import trefoil.machine.IoStatus;
import trefoil.pc.nvme.Driver.Answer;

/** What a driver that does all right sees: registers, identification, queues, reading and writing, logs, features, events, interrupts. */
class NvmeTest {
    private static final int READ = 2;
    private static final int WRITE = 1;

    private static byte[] noise(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer fields(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String text(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.US_ASCII);
    }

    @Test
    void registersSayWhatTheControllerIs() {
        Driver driver = new Driver().plug();
        assertThat(driver.controller.config().read(8, 4) >>> 8).isEqualTo(0x010802);
        assertThat(driver.bus.read(Driver.BAR, 8)).isEqualTo(1L << 37 | 20L << 24 | 1L << 16 | 1023);
        assertThat(driver.get(8)).isEqualTo(0x10400);
        assertThat(driver.bus.read(Driver.BAR + 10, 1)).isEqualTo(1);
        assertThat(driver.status()).isZero();
        driver.enable();
        assertThat(driver.status()).isEqualTo(1);
        assertThat(driver.bus.read(Driver.BAR + 0x28, 8)).isEqualTo(Driver.submissions(0));
        driver.disable();
        assertThat(driver.bus.read(Driver.BAR + 0x30, 8)).isEqualTo(Driver.completions(0));
    }

    @Test
    void identifyNamesControllerAndNamespace() {
        Driver driver = new Driver().plug().enable();
        byte[] controller = driver.identify(1, 0);
        assertThat(text(controller, 4, 20)).isEqualTo("disk0               ");
        assertThat(text(controller, 24, 40).trim()).isEqualTo("Trefoil NVMe disk");
        assertThat(controller[77]).isEqualTo((byte) 7);
        assertThat(fields(controller).getInt(516)).isEqualTo(1);
        assertThat(text(controller, 768, 32)).isEqualTo("nqn.2014-08.org.nvmexpress:uuid:");
        byte[] namespace = driver.identify(0, 1);
        assertThat(fields(namespace).getLong(0)).isEqualTo(4096);
        assertThat(fields(namespace).getInt(128)).isEqualTo(9 << 16);
        assertThat(fields(driver.identify(2, 0)).getLong(0)).isEqualTo(1);
        assertThat(fields(driver.identify(2, 1)).getLong(0)).isZero();
        assertThat(driver.identify(6, 0)).startsWith(13, 13, 0);
        assertThat(driver.admin(0x06, 0, DATA, 6, 2 << 24).code()).isEqualTo(0x02);
        byte[] descriptors = driver.identify(3, 1);
        assertThat(descriptors).startsWith(3, 16, 0, 0);
        assertThat(descriptors[4 + 6] & 0xF0).isEqualTo(0x30);
        assertThat(driver.admin(0x06, 7, DATA, 0, 0).code()).isEqualTo(0x0B);
        assertThat(driver.admin(0x06, -1, DATA, 0, 0).code()).isEqualTo(0x0B);
        assertThat(driver.admin(0x06, -1, DATA, 2, 0).code()).isEqualTo(0x0B);
        assertThat(driver.admin(0x06, 1, DATA, 0x77, 0).code()).isEqualTo(0x02);
    }

    @Test
    void whatIsWrittenIsReadByAllKindsOfLists() {
        Driver driver = Driver.ready();
        byte[] data = noise(1, 512 * 1024);
        driver.put(DATA, data);
        assertThat(driver.io(WRITE, 3, 1, DATA, 0, 0).status()).isZero();
        assertThat(driver.io(WRITE, 4, 16, DATA + 512, DATA + 4096, 0).status()).isEqualTo(0x4013);
        assertThat(driver.io(WRITE, 4, 15, DATA + 512, DATA + 4096, 0).status()).isZero();
        assertThat(Arrays.copyOfRange(driver.disk.bytes, 3 * 512, 19 * 512)).isEqualTo(Arrays.copyOf(data, 16 * 512));
        assertThat(driver.io(READ, 3, 16, DATA + 0x40000, DATA + 0x42000, 0).status()).isZero();
        assertThat(driver.bytes(DATA + 0x40000, 4096)).isEqualTo(Arrays.copyOf(data, 4096));
        assertThat(driver.bytes(DATA + 0x42000, 4096)).isEqualTo(Arrays.copyOfRange(data, 4096, 8192));
    }

    @Test
    void listsLeadToPagesAndToMoreLists() {
        Driver driver = Driver.ready();
        byte[] data = noise(2, 512 * 1024);
        driver.put(DATA, data);
        long list = Driver.LIST + 4096 - 16;
        driver.putLongs(list, DATA + 4096, Driver.LIST + 8192);
        for (int page = 2; page < 128; page++) {
            driver.putLongs(Driver.LIST + 8192 + 8L * (page - 2), DATA + 4096L * page);
        }
        assertThat(driver.io(WRITE, 100, 1024, DATA, list, 0).status()).isZero();
        assertThat(Arrays.copyOfRange(driver.disk.bytes, 51200, 51200 + data.length)).isEqualTo(data);
        driver.fill(DATA, data.length, 0);
        assertThat(driver.io(READ, 100, 1024, DATA, list, 0).status()).isZero();
        assertThat(driver.bytes(DATA, data.length)).isEqualTo(data);
        assertThat(driver.io(5, 100, 1024, DATA, list, 0).status()).isZero();
        driver.fill(DATA + 300_000, 1, data[300_000] + 1);
        assertThat(driver.io(5, 100, 1024, DATA, list, 0).code()).isEqualTo(0x285);
        assertThat(driver.io(0x0C, 0, 4096, 0, 0, 0).status()).isZero();
    }

    @Test
    void writesAreDurableWhenTheyAreForcedOrNotCached() {
        Driver driver = Driver.ready();
        driver.io(WRITE, 0, 1, DATA, 0, 0);
        driver.io(WRITE, 0, 1, DATA, 0, 1 << 30);
        assertThat(driver.disk.deeds).containsExactly("write", "write", "flush");
        driver.disk.deeds.clear();
        assertThat(driver.admin(0x09, 0, 0, 6, 0).status()).isZero();
        assertThat(driver.admin(0x0A, 0, 0, 6, 0).result()).isZero();
        driver.io(WRITE, 0, 1, DATA, 0, 0);
        driver.io(8, 0, 4096, 0, 0, 1 << 25);
        driver.io(8, 0, 1, 0, 0, 0);
        driver.execute(1, driver.entry(0, -1, 0, 0, 0, 0, 0).array());
        assertThat(driver.disk.deeds).containsExactly("write", "flush", "zero RELEASE", "flush", "zero KEEP", "flush", "flush");
    }

    @Test
    void rangesAreDeallocatedAllOrNone() {
        Driver driver = Driver.ready();
        driver.putLongs(DATA, 8L << 32, 16, 0L, 0, 1L << 32, 4095);
        Answer answer = driver.execute(1, driver.entry(9, 1, DATA, 0, 2, 4, 0).array());
        assertThat(answer.status()).isZero();
        assertThat(driver.disk.deeds).containsExactly("discard 8192 4096", "discard 2096640 512");
        driver.putLongs(DATA + 32, 2L << 32, 4095);
        assertThat(driver.execute(1, driver.entry(9, 1, DATA, 0, 2, 4, 0).array()).code()).isEqualTo(0x80);
        assertThat(driver.execute(1, driver.entry(9, 1, DATA, 0, 1, 0, 0).array()).status()).isZero();
        assertThat(driver.disk.deeds).hasSize(2);
    }

    @Test
    void theHostsFailuresAreStatuses() {
        Driver driver = Driver.ready();
        driver.disk.next = IoStatus.IO_ERROR;
        assertThat(driver.io(READ, 0, 1, DATA, 0, 0).status()).isEqualTo(0x281);
        assertThat(driver.io(WRITE, 9, 1, DATA, 0, 0).status()).isEqualTo(0x280);
        driver.disk.next = IoStatus.NO_SPACE;
        assertThat(driver.io(WRITE, 0, 1, DATA, 0, 0).status()).isEqualTo(0x081);
        driver.disk.next = IoStatus.OK;
        driver.disk.readOnly = true;
        assertThat(driver.io(WRITE, 0, 1, DATA, 0, 0).code()).isEqualTo(0x020);
        assertThat(driver.identify(0, 1)[99]).isEqualTo((byte) 1);
        ByteBuffer errors = fields(driver.log(1, 128, 0));
        assertThat(errors.getLong(0)).isEqualTo(4);
        assertThat(errors.getLong(64)).isEqualTo(3);
        assertThat(fields(driver.log(2, 512, 0)).getLong(160)).isEqualTo(2);
    }

    @Test
    void queuesGoRoundAndStopWhenTheyAreFull() {
        Driver driver = Driver.ready();
        for (int i = 0; i < 3 * Driver.ENTRIES; i++) {
            assertThat(driver.io(READ, i, 1, DATA, 0, 0).status()).isZero();
        }
        for (int i = 0; i < Driver.ENTRIES - 1; i++) {
            driver.submit(1, driver.entry(READ, 1, DATA, 0, i, 0, 0).array());
        }
        Driver.await(() -> driver.disk.deeds.size() == 4 * Driver.ENTRIES - 1);
        driver.submit(1, driver.entry(READ, 1, DATA, 0, 0, 0, 0).array());
        assertThat(driver.admin(0x0A, 0, 0, 1, 0).result()).isEqualTo(7);
        assertThat(driver.disk.deeds).hasSize(4 * Driver.ENTRIES - 1);
        for (int i = 0; i < Driver.ENTRIES; i++) {
            assertThat(driver.take(1).status()).isZero();
        }
    }

    @Test
    void anyPairOfQueuesWorks() {
        Driver driver = new Driver().plug().enable();
        assertThat(driver.admin(0x09, 0, 0, 7, 99 << 16 | 99).result()).isEqualTo(15 << 16 | 15);
        for (int queue = 1; queue <= 16; queue++) {
            driver.pair(queue);
            assertThat(driver.execute(queue, driver.entry(READ, 1, DATA, 0, 0, 0, 0).array()).status()).isZero();
        }
        assertThat(driver.admin(0x09, 0, 0, 7, 0).code()).isEqualTo(0x0C);
        assertThat(driver.admin(0x04, 0, 0, 3, 0).code()).isEqualTo(0x10C);
        assertThat(driver.admin(0x00, 0, 0, 3, 0).status()).isZero();
        assertThat(driver.admin(0x04, 0, 0, 3, 0).status()).isZero();
        assertThat(driver.admin(0x04, 0, 0, 3, 0).code()).isEqualTo(0x101);
        driver.disable().enable();
        assertThat(driver.admin(0x09, 0, 0, 7, 1 << 16 | 1).result()).isEqualTo(1 << 16 | 1);
        assertThat(driver.createCompletion(3, 8, Driver.completions(3), 1).code()).isEqualTo(0x101);
    }

    @Test
    void processorsUseTheirQueuesAtOnce() throws Exception {
        Driver driver = new Driver().plug().enable();
        List<Callable<Integer>> processors = new ArrayList<>();
        for (int queue = 1; queue <= 4; queue++) {
            int own = queue;
            driver.pair(queue);
            processors.add(() -> rewrite(driver, own));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<Integer> done : threads.invokeAll(processors)) {
                assertThat(done.get()).isEqualTo(300);
            }
        }
        assertThat(fields(driver.log(1, 64, 0)).getLong(0)).as("errors").isZero();
        for (int queue = 1; queue <= 4; queue++) {
            assertThat(Arrays.copyOfRange(driver.disk.bytes, queue * 512, queue * 512 + 512)).containsOnly(queue * 10 + 9);
        }
        assertThat(driver.line.isHigh()).isFalse();
    }

    /** Writes a block that is the queue's own, and looks whether it is there, again and again. */
    private static int rewrite(Driver driver, int queue) {
        long buffer = DATA + 4096L * queue;
        int good = 0;
        for (int n = 0; n < 300; n++) {
            driver.fill(buffer, 512, queue * 10 + n % 10);
            int written = driver.execute(queue, driver.entry(WRITE, 1, buffer, 0, queue, 0, 0).array()).status();
            int same = driver.execute(queue, driver.entry(5, 1, buffer, 0, queue, 0, 0).array()).status();
            good += written == 0 && same == 0 ? 1 : 0;
        }
        return good;
    }

    @Test
    void eventsWaitForRequestsAndAreSilentUntilTheLogIsRead() {
        Driver driver = Driver.ready();
        int first = driver.submit(0, driver.entry(0x0C, 0, 0, 0, 0, 0, 0).array());
        driver.submit(0, driver.entry(0x0C, 0, 0, 0, 0, 0, 0).array());
        driver.set(0x1000 + 8 * 5, 1);
        Answer event = driver.take(0);
        assertThat(event.command()).isEqualTo(first);
        assertThat(event.result()).isEqualTo(0x01_0000);
        driver.set(0x1000 + 8, Driver.ENTRIES);
        assertThat(driver.log(1, 64, 1 << 15)[8]).isEqualTo((byte) 1);
        driver.log(1, 64, 0);
        assertThat(driver.take(0).result()).isEqualTo(0x01_0100);
        assertThat(driver.log(1, 64, 0)).isNotNull();
        driver.controller.resized();
        assertThat(driver.admin(0x09, 0, 0, 0x0B, 0x102).status()).isZero();
        driver.controller.resized();
        driver.submit(0, driver.entry(0x0C, 0, 0, 0, 0, 0, 0).array());
        assertThat(driver.take(0).result()).isEqualTo(0x04_0002);
        assertThat(fields(driver.log(4, 4096, 0)).getInt(0)).isEqualTo(1);
        assertThat(fields(driver.log(4, 4096, 0)).getInt(0)).isZero();
        driver.admin(0x09, 0, 0, 4, 290);
        driver.submit(0, driver.entry(0x0C, 0, 0, 0, 0, 0, 0).array());
        assertThat(driver.take(0).result()).isEqualTo(0x02_0101);
        assertThat(driver.log(2, 512, 0)).startsWith(2, 44, 1, 100);
    }

    @Test
    void requestsForEventsAreLimitedAndAborted() {
        Driver driver = Driver.ready();
        int[] held = new int[4];
        for (int i = 0; i < held.length; i++) {
            held[i] = driver.submit(0, driver.entry(0x0C, 0, 0, 0, 0, 0, 0).array());
        }
        assertThat(driver.admin(0x0C, 0, 0, 0, 0).code()).isEqualTo(0x105);
        assertThat(driver.admin(0x08, 0, 0, 9999 << 16, 0).result()).isEqualTo(1);
        assertThat(driver.admin(0x08, 0, 0, held[2] << 16, 0).result()).isZero();
        assertThat(driver.take(0)).isEqualTo(new Answer(0, 7, held[2], 0, driver.tails[0]));
    }

    @Test
    void thePinFollowsTheQueuesAndItsMask() {
        Driver driver = Driver.ready();
        assertThat(driver.line.isHigh()).isFalse();
        driver.submit(1, driver.entry(READ, 1, DATA, 0, 0, 0, 0).array());
        Driver.await(() -> driver.line.isHigh());
        driver.set(0x0C, 1);
        assertThat(driver.line.isHigh()).isFalse();
        assertThat(driver.get(0x10)).isEqualTo(1);
        driver.set(0x10, 1);
        assertThat(driver.line.isHigh()).isTrue();
        assertThat(driver.sink.take()).isEmpty();
        driver.enableMsix(1);
        assertThat(driver.line.isHigh()).isFalse();
        driver.controller.config().write(0x42, 2, 0);
        assertThat(driver.line.isHigh()).isTrue();
        driver.take(1);
        assertThat(driver.line.isHigh()).isFalse();
    }

    @Test
    void eachQueueHasItsMessage() {
        Driver driver = new Driver().plug();
        driver.enableMsix(17);
        driver.enable();
        driver.anew(2);
        driver.createCompletion(2, Driver.ENTRIES, Driver.completions(2), 9 << 16 | 3);
        driver.createSubmission(2, Driver.ENTRIES, Driver.submissions(2), 2 << 16 | 1);
        driver.sink.take();
        driver.execute(2, driver.entry(READ, 1, DATA, 0, 0, 0, 0).array());
        Driver.await(() -> driver.sink.take().stream().anyMatch(msi -> msi.data() == 0x49));
        assertThat(driver.line.rises()).isZero();
        assertThat(driver.createCompletion(3, 8, Driver.completions(3), 17 << 16 | 3).code()).isEqualTo(0x108);
    }

    @Test
    void shuttingDownFlushesAndAResetWaitsForTheCommandAtHand() throws InterruptedException {
        Driver driver = Driver.ready();
        driver.set(0x14, 0x0046_4001);
        Driver.await(() -> driver.status() == 0x9);
        assertThat(driver.disk.deeds).containsExactly("flush");
        driver.disable().enable().pair(1);
        driver.disk.gate = new CountDownLatch(1);
        driver.disk.reached = new CountDownLatch(1);
        driver.submit(1, driver.entry(READ, 1, DATA, 0, 0, 0, 0).array());
        driver.disk.reached.await();
        driver.set(0x14, 0);
        assertThat(driver.status()).isEqualTo(1);
        driver.disk.gate.countDown();
        Driver.await(() -> driver.status() == 0);
        driver.enable();
        assertThat(driver.identify(1, 0)[0]).isEqualTo((byte) 0x34);
    }

    @Test
    void closingWaitsForTheCommandAtHandAndResetForgets() throws InterruptedException {
        Driver driver = Driver.ready();
        driver.controller.reset();
        assertThat(driver.controller.config().read(4, 2)).isZero();
        driver.plug();
        assertThat(driver.status()).isZero();
        assertThat(driver.get(0x24)).isZero();
        driver.enable().pair(1);
        driver.controller.close();
        driver.submit(1, driver.entry(READ, 1, DATA, 0, 0, 0, 0).array());
        assertThat(driver.disk.closed).isTrue();
        assertThat(driver.disk.deeds).isEmpty();
        driver.controller.close();
    }
}
