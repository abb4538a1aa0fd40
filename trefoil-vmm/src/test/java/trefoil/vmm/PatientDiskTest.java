package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

@Timeout(30)
class PatientDiskTest {
    private static final long FOR_EVER = Long.MAX_VALUE / 1_000_000_000;

    private final List<Boolean> told = new CopyOnWriteArrayList<>();
    private final FullDisk full = new FullDisk();

    /** One that has no room until told so. */
    private static final class FullDisk implements BlockBackend {
        private final CountDownLatch tried = new CountDownLatch(2);
        private volatile IoStatus answer = IoStatus.NO_SPACE;
        private volatile boolean closed;

        private IoStatus answer() {
            tried.countDown();
            return answer;
        }

        @Override
        public long size() {
            return 4096;
        }

        @Override
        public int blockSize() {
            return 512;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public IoStatus read(long offset, List<MemorySegment> into) {
            return IoStatus.OK;
        }

        @Override
        public IoStatus write(long offset, List<MemorySegment> from) {
            return answer();
        }

        @Override
        public IoStatus flush() {
            return answer();
        }

        @Override
        public IoStatus discard(long offset, long length) {
            return answer();
        }

        @Override
        public IoStatus writeZeroes(long offset, long length, Zeroing zeroing) {
            return answer();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static FutureTask<IoStatus> writing(PatientDisk disk) {
        FutureTask<IoStatus> task = new FutureTask<>(() -> disk.write(0, List.of()));
        Thread.ofVirtual().start(task);
        return task;
    }

    @Test
    void aWriteWaitsForRoom() throws Exception {
        PatientDisk disk = new PatientDisk(full, FOR_EVER, told::add);
        FutureTask<IoStatus> task = writing(disk);
        assertThat(full.tried.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(task.isDone()).isFalse();
        assertThat(told).containsExactly(true);
        assertThat(disk.read(0, List.of())).isEqualTo(IoStatus.OK);
        full.answer = IoStatus.OK;
        assertThat(task.get(20, TimeUnit.SECONDS)).isEqualTo(IoStatus.OK);
        assertThat(told).containsExactly(true, false);
    }

    @Test
    void anotherFailureIsToldAtOnce() {
        full.answer = IoStatus.IO_ERROR;
        PatientDisk disk = new PatientDisk(full, FOR_EVER, told::add);
        assertThat(disk.flush()).isEqualTo(IoStatus.IO_ERROR);
        assertThat(disk.discard(0, 512)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(told).isEmpty();
    }

    @Test
    void patienceHasAnEndWhereTheGuestsHas() {
        PatientDisk disk = new PatientDisk(full, 0, told::add);
        assertThat(disk.writeZeroes(0, 512, BlockBackend.Zeroing.KEEP)).isEqualTo(IoStatus.NO_SPACE);
        assertThat(told).containsExactly(true, false);
    }

    @Test
    void theMachinesEndEndsTheWaiting() throws Exception {
        PatientDisk disk = new PatientDisk(full, FOR_EVER, told::add);
        FutureTask<IoStatus> task = writing(disk);
        assertThat(full.tried.await(20, TimeUnit.SECONDS)).isTrue();
        disk.close();
        assertThat(task.get(20, TimeUnit.SECONDS)).isEqualTo(IoStatus.NO_SPACE);
        assertThat(full.closed).isTrue();
        assertThat(disk.flush()).isEqualTo(IoStatus.NO_SPACE);
    }
}
