package trefoil.virtio.rng;

import java.util.List;
import java.util.random.RandomGenerator;
import trefoil.virtio.device.QueueDevice;
import trefoil.virtio.queue.Chain;
import trefoil.virtio.queue.QueueFault;

/** A source of randomness (virtio 1.2, 5.4). At most 64 KiB of a buffer are filled, as 5.4.6.2 allows. Remembers nothing. */
public final class VirtioEntropy extends QueueDevice {
    private static final int QUEUE_SIZE = 64;
    private static final int MOST = 1 << 16;

    private final RandomGenerator random;

    /** @param random a {@link java.security.SecureRandom} where it matters */
    public VirtioEntropy(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public int id() {
        return 4;
    }

    @Override
    public long features() {
        return 0;
    }

    @Override
    public List<Integer> queueSizes() {
        return List.of(QUEUE_SIZE);
    }

    @Override
    public byte[] configuration() {
        return new byte[0];
    }

    @Override
    protected boolean serve(int queue) throws QueueFault {
        Chain chain = queue(queue).poll();
        if (chain == null) {
            return false;
        }
        if (chain.readableLength() > 0 || chain.writableLength() == 0) {
            throw new QueueFault("a buffer that is not only to be written");
        }
        byte[] bytes = new byte[(int) Math.min(MOST, chain.writableLength())];
        random.nextBytes(bytes);
        push(queue, chain, chain.write(0, bytes));
        return true;
    }
}
